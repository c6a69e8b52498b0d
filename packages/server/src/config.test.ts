import { describe, expect, it } from 'vitest';
import { configJsonSchema, parseConfig } from './config.ts';

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(parseConfig({})).toMatchInlineSnapshot(`
      {
        "config": {
          "auth": {
            "noAuth": false,
            "users": [],
          },
          "baseDir": ".",
          "dataDir": ".coppice",
          "engine": {
            "limits": {},
          },
          "env": [],
          "executors": {
            "disable": [],
          },
          "extensions": [],
          "limits": {
            "batchAnswerLength": 4194304,
            "batchSize": 100,
            "bodyBytes": 16777216,
            "connections": 256,
            "jsonDepth": 128,
            "listItems": 10000,
            "objectKeys": 10000,
            "requestsInFlight": 1000,
            "sendBufferBytes": 1048576,
            "slowReaderMs": 30000,
            "subscriptionsPerConnection": 100,
          },
          "listen": {
            "allowedHosts": [],
            "allowedOrigins": [],
            "host": "127.0.0.1",
            "port": 7420,
          },
          "retention": {
            "everyMs": 3600000,
            "rules": [
              {
                "action": "archive",
                "keep": 1000,
                "maxAgeMs": 2592000000,
                "status": [
                  "completed",
                ],
              },
              {
                "action": "archive",
                "keep": 1000,
                "maxAgeMs": 7776000000,
              },
            ],
          },
          "roles": {
            "user": {},
          },
          "secrets": {},
          "store": {
            "kind": "sqlite",
            "options": {},
            "synchronous": "normal",
          },
        },
        "ok": true,
      }
    `);
  });

  it('answers all violations with their paths', () => {
    const value = {
      datadir: 'x',
      listen: { port: 70_000 },
      store: { synchronous: 'off' },
      engine: { limits: { global: -1 } },
      auth: { users: [{ userId: 'ann', token: 'plain' }] },
      extensions: [7],
    };
    expect(parseConfig(value)).toMatchInlineSnapshot(`
      {
        "errors": [
          {
            "actual": "off",
            "expected": "normal, full",
            "path": [
              "store",
              "synchronous",
            ],
            "reason": "expected one of normal, full",
          },
          {
            "actual": 70000,
            "expected": "at most 65535",
            "path": [
              "listen",
              "port",
            ],
            "reason": "expected at most 65535",
          },
          {
            "actual": "plain",
            "expected": "object",
            "path": [
              "auth",
              "users",
              0,
              "token",
            ],
            "reason": "expected object, got string",
          },
          {
            "actual": -1,
            "expected": "at least 0",
            "path": [
              "engine",
              "limits",
              "global",
            ],
            "reason": "expected at least 0",
          },
          {
            "actual": 7,
            "expected": "string or object",
            "path": [
              "extensions",
              0,
            ],
            "reason": "expected string or object",
          },
          {
            "path": [
              "datadir",
            ],
            "reason": "unknown field "datadir": did you mean "dataDir"?",
          },
        ],
        "ok": false,
      }
    `);
    expect(parseConfig([])).toMatchObject({ ok: false, errors: [{ path: [], reason: 'expected object, got array' }] });
  });

  it('has a JSON Schema for editors', () => {
    expect(configJsonSchema()).toMatchObject({ type: 'object', properties: { dataDir: { default: '.coppice' } } });
  });
});
