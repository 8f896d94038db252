import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { HEADERS } from '../../../client/contract/schemas.ts';
import { listen } from '../../support/dead-endpoints.ts';
import { serve } from './serve.ts';

export interface InstantUrls {
  readonly dynamodb: string;
  readonly region: string;
}

/** A list or a number in DynamoDB's form. */
interface Value {
  readonly L?: readonly unknown[];
  readonly N?: string;
}

interface Update {
  readonly Key?: { readonly account?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, Value>>;
}

/** Heads of accounts: the function has as many entries to read as on a real table, and its pages to turn. */
const heads = new Map<string, { keys: readonly unknown[]; entries: readonly unknown[]; turned: number }>();

/** Answers like DynamoDB, and like a Region, as fast as Node can: what is measured is the program that asks. */
const urls: InstantUrls = {
  dynamodb: await open('application/x-amz-json-1.0', (_request, body) => write(JSON.parse(body) as Update)),
  region: await open('application/json', ({ url, headers }) => ({
    account: url?.split('/')[2],
    key: headers[HEADERS.idempotencyKey],
    balance: '25',
    sequence: 1,
    at: '2026-01-01T00:00:00.000Z',
  })),
};
serve(urls, () => Promise.resolve(undefined));

async function open(
  contentType: string,
  answer: (request: IncomingMessage, body: string) => unknown,
): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    const body = JSON.stringify(answer(request, await text(request)));
    response.writeHead(200, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      [HEADERS.region]: 'us-east-1',
    });
    response.end(body);
  });
  return await listen(server);
}

/** What a write returns. The bank's writes add keys or take pages off, and return the head. */
function write({ Key, ExpressionAttributeValues: values = {} }: Update): object {
  const account = Key?.account?.S ?? '';
  const { keys, entries, turned } = heads.get(account) ?? { keys: [], entries: [], turned: 0 };
  const taken = Number(values[':count']?.N ?? 0);
  const head = {
    keys: [...keys.slice(taken), ...(values[':keys']?.L ?? [])],
    entries: [...entries.slice(taken), ...(values[':entries']?.L ?? [])],
    turned: turned + taken,
  };
  if (head.keys.length === 0) {
    return { Attributes: { balance: { N: '25' } } };
  }
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
