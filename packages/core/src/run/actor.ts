/** Who caused an event: a user, and the face of Coppice through which the user asked. */

/** Where a command can come from: `rpc` is a client that names no other. */
export const FACES = ['cli', 'rpc', 'page', 'editor', 'schedule', 'agent'] as const;

export type Face = (typeof FACES)[number];

export interface Actor {
  readonly userId: string;
  readonly face: Face;
}
