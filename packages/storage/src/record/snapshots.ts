/** How many snapshots of a tree are kept. */
export const SNAPSHOTS_KEPT = 2;
