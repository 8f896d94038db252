import type { CallSeen } from './news.ts';

/** The calls in what a Region has logged, and its sweeps that changed something. Other lines, such as the stack of a crash, have none. */
export function callsIn(region: string, text: string): readonly CallSeen[] {
  return text.split('\n').flatMap((line) => callIn(region, line));
}

function callIn(region: string, line: string): readonly CallSeen[] {
  const { message, operation, account, key, outcome, durationMs, transfers, expired } = parse(line);
  if (message === 'sweep' && (transfers !== undefined || expired !== undefined)) {
    return [{ region, operation: 'sweep', account: '', key: '', outcome: 'answered', durationMs: 0 }];
  }
  if (message !== 'call') {
    return [];
  }
  return [
    {
      region,
      operation: String(operation),
      account: String(account ?? ''),
      key: String(key ?? ''),
      outcome: String(outcome),
      durationMs: Number(durationMs),
    },
  ];
}

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) {
    return {};
  }
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
