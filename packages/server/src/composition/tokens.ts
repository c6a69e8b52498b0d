/** Service identifiers of the composition root; each name is that of the bound interface. */
import type { Archives } from '../archive/archives.ts';
import type { Retention } from '../archive/retention.ts';
import type { WaitLinks } from '../links/wait-links.ts';
import type { Store } from '@coppice/core';
import type { Engine, ExtensionLoader, Logger } from '@coppice/engine';
import type { ServiceIdentifier } from 'inversify';
import type { ServerConfig } from '../config.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import type { ComposeOptions } from './compose.ts';

/** What is given from outside, complete. */
export interface CompositionInput {
  readonly config: ServerConfig;
  readonly options: ComposeOptions;
  /** Values by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Hides secrets. */
  readonly logger: Logger;
  /** The same without that, for the engine, which hides them itself. */
  readonly engineLogger: Logger;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  readonly links: WaitLinks;
  /** Epoch ms. */
  readonly nowMs: () => number;
  /** To be called when the engine has failed for good. */
  readonly fail: (reason: unknown) => void;
}

/** What keeps runs outside of the store. */
export interface Keeping {
  readonly archives: Archives;
  readonly retention: Retention;
}

function token<Service>(name: string): ServiceIdentifier<Service> {
  return Symbol.for(`coppice.${name}`);
}

export const Token = {
  CompositionInput: token<CompositionInput>('CompositionInput'),
  ExtensionLoader: token<ExtensionLoader>('ExtensionLoader'),
  Store: token<Store>('Store'),
  Engine: token<Engine>('Engine'),
  Keeping: token<Keeping>('Keeping'),
  Dispatcher: token<Dispatcher>('Dispatcher'),
} as const;
