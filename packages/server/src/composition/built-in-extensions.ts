/** The extensions that every server loads unless it is told not to. Nothing of them is imported before they are asked for. */
import type { ExtensionModule } from '@coppice/core';

/** Imports them, in the order in which they are listed. */
export function importBuiltInExtensions(): Promise<readonly ExtensionModule[]> {
  return Promise.all([
    import('@coppice/executor-aggregate'),
    import('@coppice/executor-command'),
    import('@coppice/executor-delay'),
    import('@coppice/executor-function'),
    import('@coppice/executor-http'),
    import('@coppice/executor-system-info'),
  ]);
}
