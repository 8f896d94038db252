import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Region } from '../../infra/local/region.ts';

test('a Region that is starting cannot be frozen: thawed, it would be called up before it listens', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twinbank-region-'));
  const program = join(folder, 'never-ready.mjs');
  await writeFile(program, "process.on('message', () => {});\n");
  const states: string[] = [];
  const region = new Region({
    program,
    serve: {
      region: 'us-east-1',
      port: 3020,
      bundleFile: '',
      functionName: 'api',
      timeoutMs: 1,
      sweep: { region: 'us-east-1', bundleFile: '', functionName: 'sweep', timeoutMs: 1 },
    },
    supervisor: { endpoint: 'http://127.0.0.1:1', guard: () => undefined, release: () => undefined },
    bank: 'twinbank',
    tables: { accounts: 'accounts', pages: 'pages', idempotency: 'idempotency' },
    logFile: join(folder, 'us-east-1.log'),
    onChange: ({ state }) => states.push(state),
  });
  const started = region.start();
  try {
    expect(() => region.freeze()).toThrow('us-east-1 is starting.');
  } finally {
    const [ended] = await Promise.allSettled([started, region.stop()]);
    expect(ended).toMatchObject({ reason: { code: 'region_failed' } });
    await rm(folder, { recursive: true });
  }
  expect(states).toEqual([]);
});
