import { readFile } from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Operation } from '../../client/contract/operations.ts';
import type { HandlerAnswer } from '../support/handler-lab.ts';

/** A response of the document. Headers and examples are references to components. */
interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Media>>;
}

interface Media {
  readonly schema: unknown;
  readonly examples: Readonly<Record<string, { readonly $ref?: string; readonly value?: unknown }>>;
}

/** A reference to a response that several operations share. */
interface Reference {
  readonly $ref: string;
}

interface DocumentOperation {
  readonly operationId: Operation;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: { readonly type?: string };
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}

interface OpenApiDocument extends Record<string, unknown> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
  readonly components: {
    readonly headers: Readonly<Record<string, { readonly example: unknown }>>;
    readonly responses: Readonly<Record<string, Response>>;
    readonly examples: Readonly<Record<string, { readonly value: Record<string, unknown> }>>;
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>;
  };
}

export const DOCUMENT_FILE = new URL('../../client/openapi.json', import.meta.url);
export const documentText = await readFile(DOCUMENT_FILE, 'utf8');
export const document = JSON.parse(documentText) as OpenApiDocument;

const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
ajv.addVocabulary(['openapi', 'info', 'servers', 'tags', 'security', 'paths', 'components']);
ajv.addSchema(closed(document) as OpenApiDocument, 'document');

const validators = new Map<string, ValidateFunction>();

/** What is wrong with a value, by the schema at a place of the document; empty when nothing is. */
export function faultsOf(value: unknown, place: readonly string[]): readonly unknown[] {
  const pointer = place
    .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    .map(encodeURIComponent)
    .join('/');
  const validate = validators.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
  validators.set(pointer, validate);
  return validate(value) ? [] : (validate.errors ?? []);
}

/** The document, but for objects that may have more members: a newer bank may answer with more, this one must not. */
function closed(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  if (Array.isArray(part)) {
    return part.map(closed);
  }
  const members = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, closed(value)]));
  return typeof members['properties'] === 'object' && members['type'] === 'object'
    ? { additionalProperties: false, ...members }
    : members;
}

/** One operation with its place in the document. */
export interface Placed {
  readonly id: Operation;
  readonly method: string;
  readonly path: string;
  readonly operation: DocumentOperation;
}

/** Every operation of the document. */
export const operations: readonly Placed[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    id: operation.operationId,
    method,
    path,
    operation,
  })),
);

/** A media type of the document, with the place of its schema and its examples. */
export interface PlacedMedia {
  readonly operation: Placed;
  readonly status: string | undefined;
  readonly type: string;
  readonly place: readonly string[];
  readonly examples: ReadonlyMap<string, unknown>;
}

/** Every body of the document: of requests, where the status is undefined, and of answers. */
export const bodies: readonly PlacedMedia[] = operations.flatMap((placed) => {
  const { path, method, operation } = placed;
  const of = (status: string | undefined, content: Response['content'], place: readonly string[]) =>
    Object.entries(content ?? {}).map(([type, { examples }]) => ({
      operation: placed,
      status,
      type,
      place: [...place, 'content', type, 'schema'],
      examples: new Map(Object.entries(examples).map(([name, example]) => [name, shownBy(example)])),
    }));
  return [
    ...of(undefined, operation.requestBody?.content, ['paths', path, method, 'requestBody']),
    ...Object.keys(operation.responses).flatMap((status) => {
      const { response, place } = responseOf(placed, status) ?? {};
      return of(status, response?.content, place ?? []);
    }),
  ];
});

/** The response of an operation to a status, with its place in the document. */
function responseOf({ path, method, operation }: Placed, status: string) {
  const response = operation.responses[status];
  if (response === undefined || !('$ref' in response)) {
    return response && { response, place: ['paths', path, method, 'responses', status] };
  }
  const [, ...place] = response.$ref.split('/');
  const shared = document.components.responses[place.at(-1) ?? ''];
  return shared && { response: shared, place };
}

function shownBy({ $ref, value }: { readonly $ref?: string; readonly value?: unknown }): unknown {
  return $ref === undefined ? value : document.components.examples[$ref.split('/').at(-1) ?? '']?.value;
}

/** What is wrong with a real answer of the handler, by the document; empty when it is one that the document has. */
export function faultsOfAnswer(
  id: Operation,
  { status, headers, body, json }: HandlerAnswer,
): readonly unknown[] {
  const placed = operations.find((each) => each.id === id);
  const found = placed && responseOf(placed, String(status));
  if (found === undefined) {
    return [`${id} has no answer ${status}`];
  }
  const { response, place } = found;
  const { 'content-type': type, ...others } = headers;
  const named = new Map(Object.entries(others).map(([name, value]) => [name.toLowerCase(), value]));
  const sent = Object.keys(response.headers ?? {});
  const media = response.content?.[String(type)];
  return [
    ...[...named.keys()].filter((name) => !sent.some((each) => each.toLowerCase() === name)),
    ...sent.flatMap((name) => faultsOfHeader(name, named.get(name.toLowerCase()))),
    ...(body === undefined || media === undefined
      ? []
      : faultsOf(json, [...place, 'content', String(type), 'schema'])),
    ...((body === undefined) === (response.content === undefined)
      ? []
      : ['a body where there is none, or none']),
    ...(body !== undefined && media === undefined ? [`no body of type ${type}`] : []),
  ];
}

/** Not on every answer that may have them. */
const SOMETIMES = ['Idempotent-Replayed'];

function faultsOfHeader(name: string, value: unknown): readonly unknown[] {
  if (value === undefined) {
    return SOMETIMES.includes(name) ? [] : [`${name} is missing`];
  }
  const read = name === 'Retry-After' ? Number(value) : value;
  return faultsOf(read, ['components', 'headers', name, 'schema']);
}
