import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, inject, test } from 'vitest';
import { gatewayQuota, OPT_IN_REGIONS } from '../../infra/aws-regions.ts';
import { MEMBER_NAMES, resolveConfiguration } from '../../infra/configuration.ts';
import { callersSchema, GRANTABLE, invokeResources } from '../../infra/grants.ts';
import { PROJECT_FOLDER } from '../../infra/local/folders.ts';
import { readOptions } from '../../infra/tools/recover/options.ts';
import { deployed, propertiesOf, resourcesOf } from '../support/deployment.ts';
import { fencedBlocks } from '../support/markdown.ts';

const GUIDE = await readFile(join(PROJECT_FOLDER, 'infra', 'OPERATING.md'), 'utf8');
const blocks = fencedBlocks(GUIDE.replaceAll(/^ {3}/gm, ''));
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'));
const bank = inject('deployment');

/** The cells of a table's rows, found by its heading. */
function tableBelow(heading: string): string[][] {
  const [, section = ''] = new RegExp(`^## ${heading}$(.*?)(?=^## |$(?![\\s\\S]))`, 'ms').exec(GUIDE) ?? [];
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('its callers are a configuration, and the policy that it shows is what they get', () => {
  const [json = ''] = blocks.filter(({ language }) => language === 'json').map(({ text }) => text);
  const { callers } = JSON.parse(`{${json}}`);
  const [caller] = v.parse(callersSchema, callers);
  const { allow, deny } = invokeResources(caller?.grants ?? []);
  const shown = blocks
    .find(({ language }) => language === 'text')
    ?.text.trim()
    .split('\n');
  expect(shown).toEqual([...allow.map((each) => `Allow ${each}`), ...deny.map((each) => `Deny ${each}`)]);
});

test('its list of operations is every operation that can be granted', () => {
  const [, list = ''] = /^The operations are (.*?)\.$/ms.exec(GUIDE) ?? [];
  const named = Array.from(list.matchAll(/`(\w+)`/g), ([, name = '']) => name);
  expect(named.toSorted()).toEqual(GRANTABLE.toSorted());
});

test('its table of choices is every choice, with its default', () => {
  const { context } = resolveDefaults();
  const [, section = ''] = /### What can be chosen(.*?)###/s.exec(GUIDE) ?? [];
  const rows = [...section.matchAll(/^\| (`.*?) \| (.*?) \|/gm)].flatMap(([, names = '', values = '']) => {
    const defaults = values.split(', ');
    const named = names.split(', ').map((name) => name.replaceAll('`', ''));
    return named.length === 1 ? [[named[0], values]] : named.map((name, index) => [name, defaults[index]]);
  });
  expect(rows.map(([name]) => name).sort()).toEqual([...MEMBER_NAMES].sort());
  for (const [name = '', value = ''] of rows) {
    const plain = value.replaceAll('`', '');
    expect(plain, name).toBe(asWritten(context[name]));
  }
});

function resolveDefaults() {
  const { prefix, ...rest } = resolveConfiguration({
    context: { prefix: 'twinbank', regions: ['us-east-1', 'us-east-2'], witness: 'us-west-2' },
  });
  return { context: { prefix, ...rest } as Record<string, unknown> };
}

function asWritten(value: unknown): string {
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

describe('its commands', () => {
  test('override only what can be chosen', () => {
    const overridden = commands.flatMap((line) => [...line.matchAll(/ -c (\w+)=/g)].map(([, name]) => name));
    expect(overridden.length).toBeGreaterThan(4);
    for (const name of overridden) {
      expect(MEMBER_NAMES).toContain(name);
    }
  });

  test('name only stacks, functions and tables that are deployed', () => {
    const stacks = commands.flatMap((line) =>
      [...line.matchAll(/ (Twinbank\/\S+)/g)].map(([, name]) => name),
    );
    expect(new Set(stacks)).toEqual(new Set(['Twinbank/Tables', 'Twinbank/us-east-1', 'Twinbank/us-east-2']));
    const named = [
      ...GUIDE.matchAll(/--(?:function-name|(?:source-)?table-name|alarm-name|stack-name) (\S+)/g),
    ].map(([, name]) => String(name).replace(/`$/, ''));
    const deployedNames = bank.all
      .flatMap(({ resources }) => Object.values(resources))
      .flatMap(({ Properties }) =>
        ['FunctionName', 'TableName', 'AlarmName'].map((name) => Properties[name]),
      );
    for (const name of named) {
      expect([...deployedNames, ...bank.all.map(({ stackName }) => stackName)]).toContain(name);
    }
  });

  test('take a Region out at the gateway, and put back what it was deployed with', () => {
    const stages = commands.filter((line) => line.startsWith('aws apigatewayv2 update-stage'));
    const { StageName, DefaultRouteSettings } = propertiesOf(bank.regions[0], 'AWS::ApiGatewayV2::Stage');
    const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = DefaultRouteSettings as Record<
      string,
      number
    >;
    expect(stages.map((line) => line.split(' --stage-name ')[1])).toEqual([
      `'${StageName}' --default-route-settings ThrottlingRateLimit=0,ThrottlingBurstLimit=0`,
      `'${StageName}' --default-route-settings ThrottlingRateLimit=${rate},ThrottlingBurstLimit=${burst}`,
    ]);
  });

  test('try an alarm in each Region', () => {
    const tried = commands.filter((line) => line.startsWith('aws cloudwatch set-alarm-state'));
    expect(tried.map((line) => / --region (\S+) /.exec(line)?.[1])).toEqual(
      bank.regions.map(({ region }) => region),
    );
  });

  test('recover with options that there are, at least five minutes after the old bank was stopped', () => {
    const line = commands.find((each) => each.startsWith('npm run recover'));
    const options = readOptions(String(line).split(' ').slice(4));
    expect(options).toMatchObject({ prefix: 'twinbank-2', region: 'us-east-1' });
    const [, stopped = ''] = /Note the time: `(.*?)`/.exec(GUIDE) ?? [];
    expect(options.keysNotBeforeMs - Date.parse(stopped)).toBeGreaterThanOrEqual(5 * 60_000);
    expect(commands.filter((each) => each.includes(`keysNotBefore=${options.keysNotBefore}`))).toHaveLength(
      1,
    );
  });
});

test('its table of stacks is every stack, and where it is', () => {
  const rows = tableBelow('Deploy').filter(([name]) => name?.startsWith('`twinbank-'));
  expect(rows.map(([name]) => name?.replaceAll('`', '')).sort()).toEqual(
    bank.all.map(({ stackName }) => stackName).sort(),
  );
});

test('it says of every alarm where to go on, with the threshold that it has', () => {
  const rows = tableBelow('Watch').map(([name = '', when = '']) => [name.replaceAll('`', ''), when] as const);
  const alarms = resourcesOf(bank.regions[0], 'AWS::CloudWatch::Alarm').map(
    ([, { Properties }]) => Properties,
  );
  expect(rows.map(([name]) => `twinbank-${name}`).sort()).toEqual(
    alarms.map(({ AlarmName }) => String(AlarmName)).sort(),
  );
  for (const [name, when] of rows.filter(([, text]) => /^\d/.test(text))) {
    const alarm = alarms.find(({ AlarmName }) => AlarmName === `twinbank-${name}`);
    expect(String(alarm?.['Threshold']), name).toBe(when.split(' ')[0]);
  }
});

test('every runbook that an alarm names is there, and every link leads somewhere', () => {
  const headings = [...GUIDE.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  const named = resourcesOf(bank.regions[0], 'AWS::CloudWatch::Alarm')
    .flatMap(([, { Properties }]) => [
      ...String(deployed(bank.regions[0], Properties['AlarmDescription'])).matchAll(/"(.*?)"/g),
    ])
    .map(([, name]) => name);
  expect(named.length).toBeGreaterThan(2);
  for (const name of named) {
    expect(headings).toContain(name);
  }
  const anchors = headings.map((heading) => heading.toLowerCase().replaceAll(' ', '-'));
  for (const [, anchor = ''] of GUIDE.matchAll(/\]\(#(.*?)\)/g)) {
    expect(anchors).toContain(anchor);
  }
});

test('it names each Region that has to be enabled, and what its gateway lets in', () => {
  for (const region of OPT_IN_REGIONS) {
    const { requestsPerSecond, burstRequests } = gatewayQuota(region);
    const [rate, burst] = [requestsPerSecond, burstRequests].map((each) => each.toLocaleString('en-US'));
    const [, said = ''] = new RegExp(`\`${region}\` is an opt-in Region(.*?)\n\n`, 's').exec(GUIDE) ?? [];
    expect(said.replaceAll('\n', ' ')).toContain(`${rate} requests a second and ${burst} at once`);
  }
});

test('its costs add up, and follow from the prices beside them', () => {
  const rows = tableBelow('What it costs');
  const sum = rows.at(-1)?.map((cell) => Number(cell.replaceAll('*', '')));
  for (const column of [2, 3, 4]) {
    const cents = rows.slice(0, -1).map((row) => Math.round(Number(row[column]) * 100));
    expect(cents.reduce((total, each) => total + each, 0) / 100, `column ${column}`).toBe(sum?.[column]);
  }
  const price = (what: string) => rows.find(([name]) => name?.startsWith(what)) ?? [];
  const cost = (what: string, column: number) => Number(price(what)[column]);
  const unit = (what: string) => Number.parseFloat(String(price(what)[1]));
  const sampled = (callsPerMonth: number) => {
    const seconds = 30.44 * 86_400;
    const first = Math.min(callsPerMonth, seconds);
    return (first + 0.05 * (callsPerMonth - first)) / 1e6;
  };
  for (const [column, millions] of [
    [3, 1],
    [4, 100],
  ] as const) {
    expect(cost('Writes', column)).toBeCloseTo(1.25 * 2 * unit('Writes') * millions, 2);
    expect(cost('HTTP API', column)).toBeCloseTo(unit('HTTP API') * millions, 2);
    expect(cost('Lambda: requests', column)).toBeCloseTo(unit('Lambda: requests') * millions, 2);
    expect(cost('Lambda: 0.03', column)).toBeCloseTo(unit('Lambda: 0.03') * 0.03 * millions, 2);
    expect(cost('Logs: 1.4', column)).toBeCloseTo(unit('Logs: 1.4') * 1.4 * millions, 2);
    expect(cost('Logs: kept', column)).toBeCloseTo(unit('Logs: kept') * 1.4 * 3 * millions, 2);
    expect(cost('Traces', column)).toBeCloseTo(unit('Traces') * sampled(millions * 1e6), 1);
    expect(cost('Between', column)).toBeCloseTo(unit('Between') * 2 * millions, 2);
  }
});
