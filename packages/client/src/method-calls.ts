/** `client.tasks.create(params)` for every method of the protocol: types made from the method table, and the proxy behind them. */
import type { MethodName, Params, Result } from '@coppice/protocol';
import type { CallOptions } from './connection.ts';

/** The name up to the next dot, of all methods that start with `Prefix`. */
type Segment<Prefix extends string> = MethodName extends infer Name
  ? Name extends `${Prefix}${infer Rest}`
    ? Rest extends `${infer Head}.${string}`
      ? Head
      : Rest
    : never
  : never;

/** Calls of one method; params without required fields may be left out. */
export type MethodCall<Name extends MethodName> =
  Record<never, never> extends Params<Name>
    ? (params?: Params<Name>, options?: CallOptions) => Promise<Result<Name>>
    : (params: Params<Name>, options?: CallOptions) => Promise<Result<Name>>;

/** All methods as nested members: `tasks.create`, `tasks.running.list`, … */
export type MethodCalls<Prefix extends string = ''> = {
  readonly [Name in Segment<Prefix>]: `${Prefix}${Name}` extends MethodName
    ? MethodCall<`${Prefix}${Name}`>
    : MethodCalls<`${Prefix}${Name}.`>;
};

type Call = (method: string, params: unknown, options: CallOptions | undefined) => Promise<unknown>;

/** The members under `prefix` (`tasks.`): each is both callable and has members of its own. */
export function methodCalls(call: Call, prefix: string): unknown {
  const target = (): void => {};
  return new Proxy(target, {
    get: (_target, member) =>
      // Not a promise: `await client.tasks` must not call a method "tasks.then".
      typeof member === 'string' && member !== 'then' ? methodCalls(call, `${prefix}${member}.`) : undefined,
    apply: (_target, _this, [params, options]: [unknown, CallOptions | undefined]) =>
      call(prefix.slice(0, -1), params ?? {}, options),
  });
}
