/** What the executor `http` accepts and answers. */
import type { Json, JsonObject } from '@coppice/extension';

type Scalar = string | number | boolean;

/** A part of a multipart body: a text, or a file from `content` or from disk. */
export type MultipartPart =
  | string
  | {
      readonly content?: string;
      readonly encoding?: 'utf8' | 'base64';
      readonly path?: string;
      readonly filename?: string;
      readonly contentType?: string;
    };

/** Exactly one member is set. */
export interface HttpBody {
  readonly json?: Json;
  readonly form?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly multipart?: Readonly<Record<string, MultipartPart>>;
  readonly text?: string;
}

/** Exactly one member is set. */
export interface HttpAuth {
  readonly bearer?: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly apiKey?: { readonly name: string; readonly value: string; readonly in?: 'header' | 'query' };
}

export interface HttpTls {
  readonly ca?: string | readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface HttpInput {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly body?: HttpBody;
  readonly auth?: HttpAuth;
  readonly redirect?: 'follow' | 'manual';
  readonly maxRedirects?: number;
  readonly tls?: HttpTls;
  readonly expectStatus?: readonly (number | string)[];
  readonly parse?: 'auto' | 'json' | 'text' | 'base64';
  readonly maxResponseBytes?: number;
  readonly allowPrivateAddresses?: boolean;
  readonly idempotencyHeader?: string | false;
}

export const maxRedirectsDefault = 5;
export const maxResponseBytesDefault = 10_485_760;
export const idempotencyHeaderDefault = 'Idempotency-Key';

const scalar = { type: ['string', 'number', 'boolean'] };
const scalars = {
  type: 'object',
  additionalProperties: { anyOf: [scalar, { type: 'array', items: scalar }] },
};
const oneOfThem = { minProperties: 1, maxProperties: 1, additionalProperties: false };
const headerName = { type: 'string', pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" };

const body: JsonObject = {
  type: 'object',
  description: 'What to send, in exactly one form.',
  properties: {
    json: { description: 'Any value, sent as application/json.' },
    form: { ...scalars, description: 'Fields, sent as application/x-www-form-urlencoded; a list repeats its field.' },
    multipart: {
      type: 'object',
      description:
        'Parts, sent as multipart/form-data: a text, or a file from its `content` or from the `path` of a file on disk.',
      additionalProperties: {
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            properties: {
              content: { type: 'string' },
              encoding: { enum: ['utf8', 'base64'], default: 'utf8', description: 'How `content` is written here.' },
              path: { type: 'string', minLength: 1 },
              filename: { type: 'string', minLength: 1 },
              contentType: { type: 'string', minLength: 1 },
            },
            oneOf: [{ required: ['content'] }, { required: ['path'] }],
            additionalProperties: false,
          },
        ],
      },
    },
    text: { type: 'string', description: 'Sent as text/plain, unless `headers` says otherwise.' },
  },
  ...oneOfThem,
};

const auth: JsonObject = {
  type: 'object',
  description: 'Credentials, in exactly one form. They are not sent to another origin that a redirect leads to.',
  properties: {
    bearer: { type: 'string', minLength: 1 },
    basic: {
      type: 'object',
      properties: { username: { type: 'string' }, password: { type: 'string' } },
      required: ['username', 'password'],
      additionalProperties: false,
    },
    apiKey: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, description: 'Of the header or query parameter.' },
        value: { type: 'string', minLength: 1 },
        in: { enum: ['header', 'query'], default: 'header' },
      },
      required: ['name', 'value'],
      additionalProperties: false,
    },
  },
  ...oneOfThem,
};

const tls: JsonObject = {
  type: 'object',
  description: 'Options of https connections.',
  properties: {
    ca: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      description: 'Certificates to trust instead of the usual ones, PEM.',
    },
    cert: { type: 'string', description: "This side's certificate, PEM." },
    key: { type: 'string', description: 'Its private key, PEM.' },
    passphrase: { type: 'string', description: 'Of the private key.' },
    servername: {
      type: 'string',
      minLength: 1,
      description: 'Name that the certificate must be for. Default: the host of the URL.',
    },
    rejectUnauthorized: {
      type: 'boolean',
      default: true,
      description: 'false accepts any certificate: for tests only.',
    },
  },
  additionalProperties: false,
};

export const httpInputSchema: JsonObject = {
  type: 'object',
  properties: {
    url: { type: 'string', minLength: 1, description: 'Absolute, http or https, without credentials.' },
    method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], default: 'GET' },
    headers: {
      type: 'object',
      propertyNames: headerName,
      additionalProperties: { type: 'string' },
      description: 'Win over what other inputs set.',
    },
    query: { ...scalars, description: 'Added to the query of the URL; a list repeats its parameter.' },
    body,
    auth,
    redirect: {
      enum: ['follow', 'manual'],
      default: 'follow',
      description: 'manual: a redirect is answered as it is.',
    },
    maxRedirects: {
      type: 'integer',
      minimum: 0,
      maximum: 20,
      default: maxRedirectsDefault,
      description: 'More than that fail the task.',
    },
    tls,
    expectStatus: {
      type: 'array',
      items: { anyOf: [{ type: 'integer', minimum: 200, maximum: 599 }, { enum: ['2xx', '3xx', '4xx', '5xx'] }] },
      minItems: 1,
      default: ['2xx', '3xx'],
      description: 'Statuses that mean success. Of the others 408, 425, 429 and 5xx may be tried again.',
    },
    parse: {
      enum: ['auto', 'json', 'text', 'base64'],
      default: 'auto',
      description:
        'How `body` is answered. auto: as the content type says. An empty body is null. Integers beyond 2^53 become text.',
    },
    maxResponseBytes: {
      type: 'integer',
      minimum: 0,
      maximum: 268_435_456,
      default: maxResponseBytesDefault,
      description: 'A longer (unpacked) response fails the task.',
    },
    allowPrivateAddresses: {
      type: 'boolean',
      default: false,
      description: 'Allow connections to loopback, private, link-local and other addresses that are not public.',
    },
    idempotencyHeader: {
      anyOf: [headerName, { const: false }],
      default: idempotencyHeaderDefault,
      description: 'Header in which methods other than GET, HEAD and OPTIONS carry the idempotency key; false: none.',
    },
  },
  required: ['url'],
  additionalProperties: false,
};

export const httpOutputSchema: JsonObject = {
  type: 'object',
  properties: {
    status: { type: 'integer' },
    headers: { type: 'object', description: 'Names in lower case; a repeated header is a list.' },
    body: { description: 'As `parse` says.' },
    url: { type: 'string', description: 'Where the answer came from, after redirects, without query and credentials.' },
  },
  required: ['status', 'headers', 'body', 'url'],
  additionalProperties: false,
};
