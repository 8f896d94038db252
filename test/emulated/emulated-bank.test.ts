import { expect, test } from 'vitest';
import { emulatedBankOf } from './emulated-bank.ts';

test('the addresses of a deployment are turned into those under which the emulator answers', () => {
  const outputs = {
    'twinbank-us-east-1': {
      BankEndpoint: 'http://1a2b3c4d.execute-api.localhost:4566',
      BankRegion: 'us-east-1',
    },
    'twinbank-us-east-2': {
      BankEndpoint: 'http://5e6f7a8b.execute-api.localhost:4566',
      BankRegion: 'us-east-2',
    },
  };

  expect(emulatedBankOf(outputs, 'http://127.0.0.1:4566')).toEqual({
    name: 'twinbank',
    regions: [
      { region: 'us-east-1', url: 'http://127.0.0.1:4566/_aws/execute-api/1a2b3c4d' },
      { region: 'us-east-2', url: 'http://127.0.0.1:4566/_aws/execute-api/5e6f7a8b' },
    ],
  });
});
