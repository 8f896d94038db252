import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { routeKeyOf } from '../../client/contract/schemas.ts';

/** An HTTP request. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query string, as the client sent them. */
  readonly target: string;
  /** Names and values alternate, as in Node's `rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

/** An HTTP response. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** Largest request body that API Gateway accepts. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** Converts a request to the event of an API Gateway HTTP API, payload format 2.0. */
export function toEvent(request: HttpRequest, requestId: string, nowMs: number): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.target);
  const { cookie, ...headers } = joinHeaders(request.rawHeaders);
  const rawPath = decodePath(path);
  const routeKey = routeKeyOf(request.method, path);
  const text = bodyText(request.body, headers['content-type']);
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: cookie.split(/[;,] */) }),
    headers,
    ...(query !== '' && { queryStringParameters: joinParameters(query) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: headers['host']?.split('.', 1)[0] ?? '',
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: logTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(request.body.length > 0 && { body: text ?? request.body.toString('base64') }),
    isBase64Encoded: request.body.length > 0 && text === null,
  };
}

/** Converts the result of a function to an answer. */
export function fromResult(result: unknown, requestId: string): HttpAnswer {
  const { statusCode, headers, body, cookies, isBase64Encoded } = Object(result) as Record<string, unknown>;
  // The real gateway takes a result without a status for a body. The bank's function always sets the status, so a missing one is a fault,
  // which must show.
  if (!isStatus(statusCode) || (body !== undefined && typeof body !== 'string')) {
    return gatewayAnswer(500, 'Internal Server Error', requestId);
  }
  const own = Object.entries(Object(headers) as Record<string, unknown>).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    status: statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(own),
      ...(Array.isArray(cookies) && { 'set-cookie': cookies.map(String) }),
      'apigw-requestid': requestId,
    },
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** An answer of the gateway itself. */
export function gatewayAnswer(status: number, message: string, requestId: string): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'apigw-requestid': requestId },
    body: Buffer.from(JSON.stringify({ message })),
  };
}

function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** An HTTP API sends the path decoded, although the member is named `rawPath`. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function joinHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = String(rawHeaders[i]).toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? String(rawHeaders[i + 1]) : `${before},${rawHeaders[i + 1]}`);
  }
  return Object.fromEntries(headers);
}

function joinParameters(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
  );
}

/**
 * The body as text, or null if the event has it as base64. The gateway decides by the content type: text, JSON, XML and JavaScript are
 * text, and everything else is binary, including forms and bodies without a type.
 */
function bodyText(body: Buffer, contentType = ''): string | null {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!type.startsWith('text/') && !TEXT_TYPES.has(type)) {
    return null;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

const TEXT_TYPES = new Set(['application/json', 'application/xml', 'application/javascript']);

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
}

/** The time in the form of access logs: 22/Nov/2026:10:15:59 +0000. */
function logTime(nowMs: number): string {
  const [, day, month, year, time] = new Date(nowMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
