/** The real engine over the memory store, with executors whose end a test decides. */
import { Contribution, TerminalError } from '@coppice/core';
import type { Executor, ExtensionModule } from '@coppice/core';
import { createEngine, createExtensionRegistry } from '@coppice/engine';
import type { Engine } from '@coppice/engine';
import { MemoryStore } from '@coppice/storage';
import { ContainerModule } from 'inversify';

export interface RealEngine {
  readonly engine: Engine;
  /** Lets the attempts of `hold` end, those that run and those that come. */
  readonly release: () => void;
}

/** `echo` answers its inputs, `fail` fails for good, `hold` waits for `release`. */
export function testExtension(): { readonly module: ExtensionModule; readonly release: () => void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const executors: readonly Executor[] = [
    {
      type: 'echo',
      description: 'Answers its inputs.',
      effects: 'pure',
      input: { type: 'object', properties: { text: { type: 'string' } } },
      example: { text: 'hello' },
      execute: (input) => input,
    },
    {
      type: 'fail',
      description: 'Fails for good.',
      effects: 'pure',
      execute: () => {
        throw new TerminalError('It was told to fail.', { code: 'test/told' });
      },
    },
    {
      type: 'hold',
      description: 'Waits to be released.',
      effects: 'pure',
      execute: (_input, ctx) =>
        new Promise((resolve, reject) => {
          ctx.progress(0.5, 'half way');
          ctx.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
          void released.then(() => resolve('released'));
        }),
    },
  ];
  const module: ExtensionModule = {
    manifest: { name: 'test-executors', version: '1.0.0', api: '^1.0.0', contributes: ['executor'] },
    module: new ContainerModule(({ bind }) => {
      for (const executor of executors) bind(Contribution.Executor).toConstantValue(executor);
    }),
  };
  return { module, release };
}

export async function realEngine(): Promise<RealEngine> {
  const { module, release } = testExtension();
  const registry = createExtensionRegistry();
  await registry.load(module);
  const engine = createEngine({ store: new MemoryStore(), registry });
  await engine.start();
  return { engine, release };
}
