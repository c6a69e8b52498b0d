import { expect, it } from 'vitest';
import { isLoopbackUrl } from './loopback.ts';

it.each([
  ['http://127.0.0.1:7420', true],
  ['http://localhost:7420/rpc', true],
  ['http://[::1]:7420', true],
  ['https://tasks.example.org', false],
  ['http://127.0.0.1.example.org', false],
  ['http://localhost.example.org', false],
  ['not a url', false],
])('%s shares the files of this machine: %s', (url, shares) => {
  expect(isLoopbackUrl(url)).toBe(shares);
});
