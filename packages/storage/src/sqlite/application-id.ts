/** Marks a SQLite file as Coppice's, in its header (`Copp` in ASCII). */
export const APPLICATION_ID = 0x436f7070;
