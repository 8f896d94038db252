import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createClient } from '../../functions/dynamodb/client.ts';
import { tableBooks } from '../../infra/tools/books/table-books.ts';
import { listen } from '../support/dead-endpoints.ts';
import { openBank } from './used-bank.ts';

test('tables of another kind are not read', async () => {
  const { tables } = await openBank();
  const client = createClient({ region: 'us-east-1', endpoint: tables.endpoint });
  const open = (accounts: string, pages: string) => tableBooks(client, { accounts, pages });
  await expect(open(tables.pages, tables.pages)).rejects.toThrow(
    `${tables.pages} has the key account and first, and a table of accounts has account`,
  );
  await expect(open(tables.accounts, tables.idempotency)).rejects.toThrow(
    `${tables.idempotency} has the key account and key, and a table of pages has account and first`,
  );
});

test('a table that is still being restored is named, with what to do', async () => {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify({ Table: { TableStatus: 'CREATING' } }));
  });
  const client = createClient({ region: 'us-east-1', endpoint: await listen(server) });
  const opening = tableBooks(client, { accounts: 'restored-accounts', pages: 'restored-pages' });
  await expect(opening).rejects.toThrow(/^restored-\w+ is not ready yet: wait until its status is ACTIVE$/);
  server.close();
});
