import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * The steps of a release that `npm version` lacks. It runs `check` before it changes anything, and `write` between its own changes and the
 * commit.
 */
const BRANCH = 'main';
const CHANGELOG = 'CHANGELOG.md';
const PACKAGES = ['client', 'client/command'] as const;
const UNRELEASED = /(?<=^## Unreleased\n)(.*?)(?=^## |$(?![\s\S]))/ms;

const { npm_new_version: version = '' } = process.env;
const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();

const [, , step] = process.argv;
if (step === 'write') {
  write();
} else if (step === 'check') {
  const problem = findProblem();
  if (problem !== undefined) {
    console.error(`No release: ${problem}`);
    process.exitCode = 1;
  }
}

function findProblem(): string | undefined {
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD');
  if (branch !== BRANCH) {
    return `releases are made from ${BRANCH}, and this is ${branch}.`;
  }
  if (git('status', '--porcelain') !== '') {
    return 'something is not committed. Commit or stash it, so that the release is what was tested.';
  }
  if (git('tag', '--list', `v${version}`) !== '') {
    return `the tag v${version} exists. Take a higher version.`;
  }
  const [entries = ''] = UNRELEASED.exec(readFileSync(CHANGELOG, 'utf8')) ?? [];
  if (!/^- \S/m.test(entries)) {
    return `${CHANGELOG} has no entry under "## Unreleased". Write there what changes for users, and commit it.`;
  }
  return undefined;
}

/** Dates the changelog, and gives the packages the version that npm has given to the root. */
function write(): void {
  const today = new Date().toISOString().slice(0, 10);
  edit(CHANGELOG, (text) =>
    text.replace(UNRELEASED, (entries) => `\n## ${version} - ${today}\n\n${entries.trim()}\n\n`),
  );
  for (const folder of PACKAGES) {
    edit(`${folder}/package.json`, (text) => asFile({ ...JSON.parse(text), version }));
  }
  edit('package-lock.json', (text) => {
    const lock = JSON.parse(text);
    for (const folder of PACKAGES) {
      lock.packages[folder].version = version;
    }
    return asFile(lock);
  });
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')).replace(/\n+$/, '\n'));
}

/** As npm writes such files. */
function asFile(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
