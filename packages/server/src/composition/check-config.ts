/** Everything that would keep a server from starting, or from being what its configuration says, without starting one. */
import { silentLogger } from '@coppice/engine';
import { checkListen } from '../access/loopback.ts';
import type { ServerConfig } from '../config.ts';
import { StartError } from '../start-error.ts';
import { compose } from './compose.ts';
import type { ComposeOptions } from './compose.ts';
import { readSecrets, readUserTokens } from './environment.ts';

/** One sentence each, in the order of the configuration; empty: a server would start. Opens no store, makes no token. */
export async function checkConfig(config: ServerConfig, options: ComposeOptions = {}): Promise<readonly string[]> {
  const environment = options.environment ?? process.env;
  const problems: string[] = [];
  const isSound = async (look: () => unknown): Promise<boolean> => {
    try {
      await look();
      return true;
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      problems.push(...error.problems);
      return false;
    }
  };
  await isSound(() => checkListen(config));
  await isSound(() => readUserTokens(config, environment));
  const secrets: ServerConfig['secrets'] = {};
  for (const [name, source] of Object.entries(config.secrets)) {
    if (await isSound(() => readSecrets({ ...config, secrets: { [name]: source } }, environment)))
      secrets[name] = source;
  }
  await isSound(async () => {
    const composition = await compose({ ...config, secrets }, { ...options, environment, logger: silentLogger });
    for (const { source, error = '', status } of composition.engine.registry.extensions) {
      if (status === 'failed') problems.push(`extensions: ${source}: ${error}`);
    }
    await composition.stop();
  });
  return problems;
}
