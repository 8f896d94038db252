import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { HttpRequest, HttpResponse } from '@smithy/types';

/** A request to DynamoDB: the name of its operation, such as `UpdateItem`, and its body. */
export interface Asked {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** What DynamoDB answers. Above 299 the status is that of an error, and the body names it in `__type`. */
export interface Answered {
  readonly status: number;
  readonly output: Record<string, unknown>;
}

/** Sees a request, may change its body, and answers it: with what DynamoDB answers when it is sent, or in its place. */
export type Interceptor = (asked: Asked, send: () => Promise<Answered>) => Promise<Answered>;

const CONTENT_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

/** Has each HTTP attempt of a client pass an interceptor, below the client's retries. Those that are added later come first. */
export function intercept(client: DynamoDBClient, interceptor: Interceptor): void {
  const { requestHandler } = client.config;
  const handle: typeof requestHandler.handle = async (request: HttpRequest, options) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body: string | Uint8Array = request.body;
    const input = JSON.parse(
      typeof body === 'string' ? body : new TextDecoder().decode(body),
    ) as Asked['input'];
    const { status, output } = await interceptor({ operation, input }, async () => {
      // The signature is that of the body as it was: DynamoDB Local does not check it.
      request.body = JSON.stringify(input);
      request.headers['content-length'] = String(Buffer.byteLength(request.body));
      const { response } = await requestHandler.handle(request, options);
      return { status: response.statusCode, output: JSON.parse(await text(response.body)) };
    });
    const response = {
      statusCode: status,
      headers: { ...CONTENT_TYPE },
      body: Readable.from([JSON.stringify(output)]),
    };
    return { response: response as HttpResponse };
  };
  client.config.requestHandler = Object.assign(Object.create(requestHandler), { handle });
}

/** An error as DynamoDB answers it. */
export function errorAnswer(name: string, message: string): Answered {
  return { status: 400, output: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message } };
}
