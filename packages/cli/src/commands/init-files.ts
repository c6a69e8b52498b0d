/** The texts of the files that `coppice init` writes. */

export const DEFINITION_SCHEMA = '.coppice/schema/definition.json';
export const CONFIG_SCHEMA = '.coppice/schema/config.json';

export const DEFINITION = `# yaml-language-server: $schema=${DEFINITION_SCHEMA}
# A tree of tasks. Run it with: coppice run hello.coppice.yaml --input who=you
version: 1
name: hello
inputs:
  who: world

tasks:
  greet:
    executor: command
    inputs: { command: echo, args: ['hello', '\${{ inputs.who }}'] }
  wait:
    executor: delay
    inputs: { ms: 500ms }
  goodbye:
    executor: command
    dependencies: [greet, wait]
    inputs: { command: echo, args: ['goodbye', '\${{ inputs.who }}'] }
    policies:
      timeout: 10s
      retry: { maxAttempts: 3, delay: 1s }
`;

/** JSON with comments. Every setting that is commented out may be put in as it stands. */
export const CONFIG = `{
  // Settings of Coppice in this folder. All are optional. Editors complete them by this schema:
  "$schema": "./${CONFIG_SCHEMA}",

  // Custom executors: packages, or paths of modules.
  // "extensions": ["./my-executor.ts"],

  // Environment variables that tasks may read: \${{ env.NAME }}, and inheritEnv of a command.
  // "env": ["CI"],

  // Values that tasks may use as \${{ secrets.apiKey }}, and where they come from. They are never stored or shown.
  // "secrets": { "apiKey": { "env": "API_KEY" } },

  // Tasks that may run at once, in all runs together. Without it each run has its own limit.
  // "engine": { "limits": { "global": 8 } },

  // Where "coppice serve" listens.
  // "listen": { "host": "127.0.0.1", "port": 7420 },

  // Where the store, the token of the server and its log live.
  "dataDir": ".coppice"
}
`;

/** Line of a `.gitignore`. */
export const IGNORED = '.coppice/';

/** The `.gitignore` with the data directory in it; undefined: it is in it already. */
export function withIgnored(gitignore: string): string | undefined {
  const isThere = gitignore.split(/\r?\n/).some((line) => /^\/?\.coppice\/?$/.test(line.trim()));
  if (isThere) return undefined;
  const gap = gitignore === '' || gitignore.endsWith('\n') ? '' : '\n';
  return `${gitignore}${gap}${IGNORED}\n`;
}
