import { describe, expect, it } from 'vitest';
import { bearerToken, createAuthenticate, subprotocolToken } from './authenticate.ts';
import { hostProblem } from './host-guard.ts';
import { isLoopbackHost } from './loopback.ts';

describe('loopback hosts', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', 'LocalHost', '::1', '[::1]'])('%s is one', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '192.168.0.1', 'localhost.example', '127.0.0.1.example', '127.example', ''])(
    '%s is none',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});

describe('host guard', () => {
  const options = { host: '0.0.0.0', allowedHosts: ['tasks.example'], allowedOrigins: [] };
  it('takes addresses on a server that is bound to all interfaces, but no unknown names', () => {
    expect(hostProblem({ host: '192.168.0.7:7420', origin: undefined }, options)).toBeUndefined();
    expect(hostProblem({ host: 'tasks.example', origin: undefined }, options)).toBeUndefined();
    expect(hostProblem({ host: 'evil.example', origin: undefined }, options)).toContain('listen.allowedHosts');
    expect(hostProblem({ host: undefined, origin: undefined }, options)).toBeDefined();
  });
  it('takes no foreign address on a server that is bound to one', () => {
    expect(hostProblem({ host: '192.168.0.7', origin: undefined }, { ...options, host: '127.0.0.1' })).toBeDefined();
  });
});

describe('tokens', () => {
  it('are found in a header or in a subprotocol', () => {
    expect(bearerToken('Bearer abc')).toBe('abc');
    expect(bearerToken('bearer  abc ')).toBe('abc');
    expect(bearerToken('Basic abc')).toBeUndefined();
    expect(bearerToken('Bearer a b')).toBeUndefined();
    expect(bearerToken(undefined)).toBeUndefined();
    const carrier = `coppice.token.${Buffer.from('tökén').toString('base64url')}`;
    expect(subprotocolToken(`coppice, ${carrier}`)).toBe('tökén');
    expect(subprotocolToken('coppice')).toBeUndefined();
  });

  it('stand for one user each', () => {
    const ann = { userId: 'ann', role: 'user' } as const;
    const authenticate = createAuthenticate([{ token: 'token-of-ann', principal: ann }]);
    expect(authenticate('token-of-ann')).toEqual(ann);
    expect(authenticate('token-of-an')).toBeUndefined();
    expect(authenticate('')).toBeUndefined();
    expect(authenticate(undefined)).toBeUndefined();
  });
});
