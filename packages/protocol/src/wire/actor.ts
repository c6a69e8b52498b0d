/** Who caused an event, and the face of Coppice through which a request comes. */
import * as z from 'zod';
import { strict } from '../schema/strict.ts';

/** What a client may call itself in the member `face` of its requests. */
export const CLIENT_FACES = ['cli', 'rpc', 'page', 'editor', 'agent'] as const;

export type ClientFace = (typeof CLIENT_FACES)[number];

export const actor = strict({
  userId: z.string(),
  face: z
    .enum([...CLIENT_FACES, 'schedule'])
    .describe('Where the request came from; `rpc`: from a client that names no other.'),
}).meta({ id: 'Actor', description: 'Who caused an event by a request.' });

export type Actor = z.infer<typeof actor>;
