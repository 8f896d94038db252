import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HEADERS } from '../../../client/contract.ts';
import { answerStarter } from '../programs/program.ts';

/** What the program tells when it is ready. */
export interface InstantGreeting {
  readonly dynamodb: string;
  readonly region: string;
}

/** Answers in the way of DynamoDB, and of a Region, as fast as Node can: what is left is what the asking side costs. */
const [dynamodb, region] = await Promise.all([
  listen('application/x-amz-json-1.0', (_request, body) => updatedItem(body)),
  listen('application/json', (request, _body) => ({
    account: request.url?.split('/')[2],
    key: request.headers[HEADERS.idempotencyKey],
    balance: '25',
  })),
]);

answerStarter<null, null>({ dynamodb, region } satisfies InstantGreeting, () => Promise.resolve(null));

async function listen(
  contentType: string,
  answer: (request: IncomingMessage, body: string) => unknown,
): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = JSON.stringify(answer(request, Buffer.concat(chunks).toString('utf8')));
      response.writeHead(200, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(text),
        [HEADERS.region]: 'us-east-1',
      });
      response.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What UpdateItem gives back: the attributes that it has set, and for the bank those of its reply among them. */
function updatedItem(body: string): object {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = JSON.parse(
    body,
  ) as {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  };
  const { '#reply': reply, '#call': call } = names;
  return {
    Attributes: {
      balance: { N: '25' },
      ...(reply === undefined ? {} : { [reply]: { N: '25' } }),
      ...(call === undefined ? {} : { [call]: values[':call'] }),
    },
  };
}
