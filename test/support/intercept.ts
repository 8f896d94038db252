import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { HttpRequest, HttpResponse } from '@smithy/types';

/** A request to DynamoDB: the name of its operation, such as `UpdateItem`, and its body. */
interface Asked {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** What DynamoDB answers. Above 299 the status is that of an error, and the body names it in `__type`. */
export interface Answered {
  readonly status: number;
  readonly output: Record<string, unknown>;
  /** Default: those of an answer of DynamoDB. */
  readonly headers?: Record<string, string>;
}

/** Sees a request, may change its body, and answers it: with what DynamoDB answers when it is sent, or in its place. */
type Interceptor = (asked: Asked, send: () => Promise<Answered>) => Promise<Answered>;

/**
 * Has each HTTP attempt of a client pass an interceptor, below the client's retries. Those that are added later come first. What is
 * answered in another form than DynamoDB's fails in `send`: a test of such answers has no interceptor.
 */
export function intercept(client: DynamoDBClient, interceptor: Interceptor): void {
  const { requestHandler } = client.config;
  const handle: typeof requestHandler.handle = async (request: HttpRequest, options) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const input = JSON.parse(bodyOf(request)) as Asked['input'];
    const answer = await interceptor({ operation, input }, async () => {
      // The signature is that of the body as it was: DynamoDB Local does not check it.
      request.body = JSON.stringify(input);
      request.headers['content-length'] = String(Buffer.byteLength(request.body));
      const { response } = await requestHandler.handle(request, options);
      const { statusCode: status, headers, body } = response;
      return { status, headers, output: JSON.parse(await text(body)) };
    });
    const body = Readable.from([JSON.stringify(answer.output)]);
    const { status: statusCode, headers = ofDynamoDB() } = answer;
    return { response: { statusCode, headers, body } as HttpResponse };
  };
  client.config.requestHandler = Object.assign(Object.create(requestHandler), { handle });
}

/** An error as DynamoDB answers it. */
export function errorAnswer(name: string, message: string): Answered {
  return { status: 400, output: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message } };
}

function ofDynamoDB(): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() };
}

function bodyOf({ headers, body }: HttpRequest): string {
  const content: string = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const bytes = String(Buffer.byteLength(content));
  if (bytes !== headers['content-length']) {
    throw new Error(`a request of ${bytes} bytes says that it has ${headers['content-length']}`);
  }
  return content;
}
