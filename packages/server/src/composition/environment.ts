/** What a server takes from environment variables: allow-listed values, secrets, tokens. */
import type { ServerConfig } from '../config.ts';
import type { TokenOwner } from '../access/authenticate.ts';
import { StartError } from '../start-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const TOKEN_LENGTH_MIN = 16;

/** Values of the allow-listed variables; undefined for those that are not set. */
export function allowedEnv(config: ServerConfig, environment: Environment): Environment {
  return Object.fromEntries(config.env.map((name) => [name, valueOf(environment, name)]));
}

/** Values of the secrets by their names. Throws a StartError for one that is not set. */
export function readSecrets(config: ServerConfig, environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config.secrets).map(([name, { env }]) => [name, required(environment, env, `secrets.${name}`)]),
  );
}

/** Tokens of the configured users. Throws a StartError for one that is not set, short, or used twice. */
export function readUserTokens(config: ServerConfig, environment: Environment): readonly TokenOwner[] {
  const owners = config.auth.users.map(({ userId, role, token }, index) => {
    const path = `auth.users[${index}].token`;
    const value = required(environment, token.env, path);
    if (value.length < TOKEN_LENGTH_MIN) {
      const message = `${path}: the token in ${token.env} has ${value.length} characters; use at least ${TOKEN_LENGTH_MIN}.`;
      throw new StartError('config/invalid', message);
    }
    return { token: value, principal: { userId, role } };
  });
  if (new Set(owners.map(({ token }) => token)).size < owners.length) {
    throw new StartError('config/invalid', 'auth.users: two users have the same token; each needs one of its own.');
  }
  return owners;
}

/** A variable that is set, whatever it is called: objects have a `constructor` without being given one. */
function valueOf(environment: Environment, name: string): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}

function required(environment: Environment, name: string, path: string): string {
  const value = valueOf(environment, name);
  if (value !== undefined && value !== '') return value;
  throw new StartError('config/secret-missing', `${path}: the environment variable ${name} is not set.`);
}
