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
  // Made when it is first asked for; it never changes.
  let discovered: ReturnType<typeof openRpcDocument> | undefined;
  const methods: Implementations = {
    ...definitionMethods(services),
    ...readingMethods(services),
    ...runningMethods(services),
    ...observingMethods(services),
    ...systemMethods(services),
    'rpc.discover': () => answer((discovered ??= openRpcDocument(Object.keys(methods)))),
  };
  return methods;
}
