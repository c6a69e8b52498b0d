/** All implementations by method name. */
import { openRpcDocument } from '@coppice/protocol';
import { answer } from './answer.ts';
import { definitionMethods } from './definition-methods.ts';
import { observingMethods } from './observing-methods.ts';
import { readingMethods } from './reading-methods.ts';
import { runningMethods } from './running-methods.ts';
import type { Implementations, Services } from './services.ts';
import { systemMethods } from './system-methods.ts';

export function allMethods(services: Services): Implementations {
  const methods: Implementations = {
    ...definitionMethods(services),
    ...readingMethods(services),
    ...runningMethods(services),
    ...observingMethods(services),
    ...systemMethods(services),
    'rpc.discover': () => answer(openRpcDocument(Object.keys(methods))),
  };
  return methods;
}
