import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HEADERS } from '../../../client/contract/schemas.ts';
import { answerStarter } from '../programs/program.ts';

/** What the program tells when it is ready. */
export interface InstantGreeting {
  readonly dynamodb: string;
  readonly region: string;
}

/** Answers in the way of DynamoDB, and of a Region, as fast as Node can: what is left is what the asking side costs. */
const [dynamodb, region] = await Promise.all([
  listen('application/x-amz-json-1.0', (_request, body) => writtenItem(body)),
  listen('application/json', (request, _body) => ({
    account: request.url?.split('/')[2],
    key: request.headers[HEADERS.idempotencyKey],
    balance: '25',
    sequence: 1,
    at: '2026-01-01T00:00:00.000Z',
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

/** Attributes of an item in DynamoDB's form, as far as they are lists. */
interface Values {
  readonly L?: readonly unknown[];
  readonly N?: string;
}

interface Update {
  readonly Key?: { readonly account?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, Values>>;
}

/** Heads of the bank's accounts: the function has as many entries to read as on a real table, and its pages to turn. */
const heads = new Map<string, { keys: readonly unknown[]; entries: readonly unknown[]; turned: number }>();

/** What a write gives back: for the bank, whose writes bring keys and take pages off, the head as it is then. */
function writtenItem(body: string): object {
  const { Key, ExpressionAttributeValues: values = {} } = JSON.parse(body) as Update;
  const account = Key?.account?.S ?? '';
  const { keys, entries, turned } = heads.get(account) ?? { keys: [], entries: [], turned: 0 };
  const left = Number(values[':count']?.N ?? 0);
  const head = {
    keys: [...keys.slice(left), ...(values[':keys']?.L ?? [])],
    entries: [...entries.slice(left), ...(values[':entry']?.L ?? [])],
    turned: turned + left,
  };
  if (head.keys.length === 0) return { Attributes: { balance: { N: '25' } } };
  heads.set(account, head);
  return {
    Attributes: {
      account: { S: account },
      balance: { N: '25' },
      sequence: { N: String(head.turned + head.keys.length) },
      keys: { L: head.keys },
      entries: { L: head.entries },
      ...(head.turned === 0 ? {} : { turned: { N: String(head.turned) } }),
    },
  };
}
