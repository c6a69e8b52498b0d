/** What the methods work with. */
import type { Engine } from '@coppice/engine';
import type { MethodName, ParsedParams, Result } from '@coppice/protocol';
import type { Archives } from '../archive/archives.ts';
import type { Retention } from '../archive/retention.ts';
import type { TaskAccess } from '../access/task-access.ts';
import type { WaitLinks } from '../links/wait-links.ts';
import type { Answer, Refusal } from './answer.ts';
import type { CallContext } from './caller.ts';

/** Facts about the server that `system.info` shows. */
export interface ServerInfo {
  readonly version: string;
  /** Epoch ms. */
  readonly startedAtMs: number;
  /** null: nothing is kept on disk. */
  readonly dataDir: string | null;
  /** Kind of the store. */
  readonly store: string;
  /** Limits of the wire, by name. */
  readonly limits: Readonly<Record<string, number>>;
}

export interface Services {
  readonly engine: Engine;
  readonly info: ServerInfo;
  /** What tasks may do with the server, by who submits them. */
  readonly access: TaskAccess;
  readonly links: WaitLinks;
  readonly archives: Archives;
  readonly retention: Retention;
  /** Epoch ms. */
  readonly nowMs: () => number;
  /** Aborted when the server stops: what waits for a run is answered. */
  readonly stopping: AbortSignal;
}

/** Does the work of one method. */
export type Implementation<Name extends MethodName> = (
  params: ParsedParams<Name>,
  context: CallContext,
) => Answer<Result<Name>> | Promise<Answer<Result<Name>>>;

/** Implementations by method; one that is missing is an unknown method to callers. */
export type Implementations<Names extends MethodName = MethodName> = {
  readonly [Name in Names]: Implementation<Name>;
};

/** Everything that is wrong with the meaning of params that satisfy a method's schema. */
export type Check = (params: unknown, context: CallContext) => Promise<NonNullable<Refusal['errors']>>;

/** Checks the meaning of params, beyond their schema. */
export type Checks = { readonly [Name in MethodName]?: Check };
