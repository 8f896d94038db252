import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCommand } from '../../client/command/arguments.ts';
import { UsageError } from '../../client/command/usage.ts';
import { buildCommand, runBank } from '../support/bank-command.ts';

/** A disk with nothing on it. */
const noFile = (path: string): string => {
  throw new Error(`no file ${path}`);
};
/** Reads a command line where no file can be read. */
const read = (args: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  readCommand(args, environment, noFile);

beforeAll(buildCommand);

describe('bank --version', () => {
  it('is the version of the package', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../client/package.json', import.meta.url), 'utf8'),
    );
    expect(await runBank(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: [] });
  });
});

describe('endpoints', () => {
  it('are the local bank when nobody says otherwise, us-east-1 first', () => {
    for (const environment of [{}, { BANK_ENDPOINTS: '' }]) {
      expect(read(['balance', 'joe'], environment)).toMatchObject({
        endpoints: [
          { region: 'us-east-1', url: 'http://127.0.0.1:3020' },
          { region: 'us-east-2', url: 'http://127.0.0.1:3030' },
        ],
      });
    }
  });

  it('may be preceded by their Region, and are the only thing that may be said twice', () => {
    const args = ['--endpoint', 'https://a.example/?', '--endpoint', 'eu-west-1=https://b.example'];
    expect(read(['balance', 'joe', ...args])).toMatchObject({
      endpoints: [{ url: 'https://a.example/?' }, { region: 'eu-west-1', url: 'https://b.example' }],
    });
  });
});

describe('a command', () => {
  it('has numbers of its own, with what is usual where nobody says otherwise', () => {
    expect(read(['hammer'])).toMatchObject({ clients: 16, seconds: 10, accounts: 16, seed: undefined });
    expect(
      read(['hammer', '--clients', '2', '--seconds', '3', '--accounts', '4', '--seed', '0']),
    ).toMatchObject({ clients: 2, seconds: 3, accounts: 4, seed: 0 });
    expect(read(['watch', 'joe'])).toMatchObject({ account: 'joe', intervalMs: 1000, seconds: undefined });
    expect(read(['watch', 'joe', '--seconds', '9', '--interval-ms', '100'])).toMatchObject({
      intervalMs: 100,
      seconds: 9,
    });
  });
});

describe('a wrong command line', () => {
  it.each([
    { args: ['deposit', 'joe', '-10'], message: /^"-10" is no option, and an amount has no sign$/ },
    { args: ['hammer', '--seed', '-1'], message: /^--seed: "-1" is not valid: .* from 0 to/ },
    { args: ['hammer', '--seed=-1'], message: /^--seed: "-1" is not valid: .* from 0 to/ },
    { args: ['deposit', 'joe', '10', '--key', 'K1', '--key', 'K2'], message: /^--key is given twice/ },
    { args: ['balance', 'joe', '--region=a', '--region', 'b'], message: /^--region is given twice/ },
    { args: ['deposit', 'joe', '010'], message: /AMOUNT.*010.*leading zero/ },
    { args: ['deposit', '', '10'], message: /ACCOUNT/ },
    { args: ['deposit', 'joe', '1000000000000000'], message: /AMOUNT.*1 to 15 decimal digits/ },
    {
      args: ['deposit', 'joe', '10', '--key', 'order-1'],
      message: /^--key: "order-1".*UUIDv7 \(RFC 9562\)$/,
    },
    { args: ['deposit', 'joe', '10', '--key'], message: /--key/ },
    { args: ['deposit', 'joe', '10', 'EUR'], message: /EUR.*too much: bank deposit ACCOUNT AMOUNT$/ },
    { args: ['deposit', 'joe', '1.50'], message: /AMOUNT.*"1\.50".*say 150$/ },
    { args: ['deposit', 'joe', '1.5'], message: /AMOUNT.*"1\.5".*without sign, fraction or leading zero$/ },
    { args: ['withdraw'], message: /^ACCOUNT is missing: bank withdraw ACCOUNT AMOUNT$/ },
    { args: ['cancel', 'joe'], message: /^KEY is missing: bank cancel ACCOUNT KEY$/ },
    { args: ['balance', '../joe'], message: /ACCOUNT: "\.\.\/joe".*1 to 128 letters/ },
    { args: [], message: /^say what to do: deposit, .* or completion$/ },
    { args: ['balence', 'joe'], message: /no command "balence"; did you mean balance\?$/ },
    { args: ['wihtdraw', 'joe', '1'], message: /did you mean withdraw\?$/ },
    { args: ['transfer', 'joe', '1'], message: /no command "transfer"; say deposit, .* or completion$/ },
    { args: ['toString'], message: /no command "toString"/ },
    { args: ['balance', 'joe', '--jsn'], message: /^there is no option --jsn; did you mean --json\?$/ },
    { args: ['balance', 'joe', '--faster'], message: /^there is no option --faster$/ },
    { args: ['balance', 'joe', '-x'], message: /^there is no option -x$/ },
    { args: ['balance', 'joe', '--clients', '3'], message: /--clients .* balance, only with hammer$/ },
    { args: ['hammer', '-v'], message: /--verbose does not go with hammer/ },
    { args: ['hammer', 'joe'], message: /"joe" is too much: bank hammer$/ },
    { args: ['hammer', '--clients', '257'], message: /--clients: "257".*from 1 to 256$/ },
    { args: ['hammer', '--seconds', '0'], message: /--seconds: "0".*from 1 to 600$/ },
    { args: ['hammer', '--accounts', '1e2'], message: /--accounts: "1e2".*from 1 to 256$/ },
    { args: ['statement', 'joe', '--limit', '0'], message: /--limit: "0".*from 1 to 1000000$/ },
    { args: ['statement', 'joe', '--limit', '5', '--all'], message: /either --limit or --all/ },
    { args: ['accounts', '--csv', '--json'], message: /either --json or --csv/ },
    { args: ['balance', 'joe', '--at', '2026-02-30T00:00:00Z'], message: /--at: "2026-02-30.*RFC 3339/ },
    { args: ['deposit', 'joe', '1', '--reference', ''], message: /--reference: "".*1 to 64 printable ASCII/ },
    {
      args: ['withdraw', 'joe', '1', '--must-exist'],
      message: /--must-exist .* withdraw, only with deposit$/,
    },
    { args: ['watch', 'joe', '--interval-ms', '99'], message: /--interval-ms: "99".*from 100 to/ },
    { args: ['completion', 'fihs'], message: /SHELL: "fihs".*did you mean fish\?$/ },
    { args: ['completion', 'powershell'], message: /SHELL: "powershell".*one of bash, zsh, fish$/ },
    { args: ['completion', 'bash', '--json'], message: /--json does not go with completion/ },
    { args: ['balance', 'joe', '--timeout-ms', '0'], message: /--timeout-ms.*"0"/ },
    { args: ['balance', 'joe', '--bank', 'twinbank'], message: /--bank.*--outputs/ },
    { args: ['balance', 'joe', '--region', 'us-west-2'], message: /"us-west-2".*us-east-1 and us-east-2/ },
    {
      args: ['balance', 'joe', '--endpoint', 'http://a.example', '--outputs', 'o.json'],
      message: /either --endpoint or --outputs/,
    },
  ])('is answered with what is wrong about it: $args', ({ args, message }) => {
    expect(() => read(args)).toThrow(UsageError);
    expect(() => read(args)).toThrow(message);
  });
});
