/** All implementations by method name. */
import { openRpcDocument } from '@coppice/protocol';
import { answer } from './answer.ts';
import { archiveMethods } from './archive-methods.ts';
import { bulkMethods } from './bulk-methods.ts';
import { definitionMethods } from './definition-methods.ts';
import { holdMethods } from './hold-methods.ts';
import { limitMethods } from './limit-methods.ts';
import { logMethods } from './log-methods.ts';
import { observingMethods } from './observing-methods.ts';
import { readingMethods } from './reading-methods.ts';
import { runMethods } from './run-methods.ts';
import { runningMethods } from './running-methods.ts';
import type { Implementations, Services } from './services.ts';
import { systemMethods } from './system-methods.ts';
import { waitingMethods } from './waiting-methods.ts';

export function allMethods(services: Services): Implementations {
  // The document is made at the first request, and never changes.
  let discovered: ReturnType<typeof openRpcDocument> | undefined;
  const methods: Implementations = {
    ...definitionMethods(services),
    ...readingMethods(services),
    ...runningMethods(services),
    ...bulkMethods(services),
    ...archiveMethods(services),
    ...waitingMethods(services),
    ...runMethods(services),
    ...observingMethods(services),
    ...logMethods(services),
    ...holdMethods(services),
    ...limitMethods(services),
    ...systemMethods(services),
    'rpc.discover': () => answer((discovered ??= openRpcDocument(Object.keys(methods)))),
  };
  return methods;
}
