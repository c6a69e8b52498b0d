/** The extensions that every server loads; by name, so that nothing of them is imported before it starts. */
export const BUILT_IN_EXTENSIONS: readonly string[] = [
  '@coppice/executor-aggregate',
  '@coppice/executor-command',
  '@coppice/executor-delay',
  '@coppice/executor-function',
  '@coppice/executor-http',
  '@coppice/executor-system-info',
];
