import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, filled, reads, runs } from './expressions.mjs';
import { commands, pairs } from './runner.mjs';

const contexts = { inputs: { a: 'x', 'fail-on': 'never' }, steps: { one: { outputs: { n: '3' } } }, github: { event: {} } };

test('values', () => {
  for (const [source, value] of [
    ["inputs.fail-on == 'NEVER'", true], ["inputs['a']", 'x'], ["'it''s'", "it's"], ["format('{0}-{1}', inputs.a, 2)", 'x-2'],
    ["false || 'b'", 'b'], ["'' && 'b'", ''], ["!inputs.a", false], ["steps.one.outputs.n >= 3", true], ["(1 == 2) != true", true],
    ['steps.one.outputs.gone', null], ['github.event.repository.default_branch', null], ["contains('AbC', 'bc')", true], ['null == 0', true],
  ]) {
    assert.equal(evaluate(source, contexts), value, source);
  }
  assert.equal(filled('${{ inputs.a }}/${{ steps.one.outputs.gone }}.', contexts), 'x/.');
});

test('what is not known is an error', () => {
  for (const source of ['inputs.b', 'steps.two.outputs.n', 'secrets.x', 'steps.one.output.n', 'gone()', "'open", 'a b', 'inputs.a ==', '1 +']) {
    assert.throws(() => evaluate(source, contexts), undefined, source);
  }
});

test('conditions', () => {
  const status = (failed) => ({ success: () => !failed, failure: () => failed, always: () => true, cancelled: () => false });
  assert.equal(runs(undefined, contexts, status(true)), false);
  assert.equal(runs("inputs.a == 'x'", contexts, status(true)), false);
  assert.equal(runs("inputs.a == 'x'", contexts, status(false)), true);
  assert.equal(runs("${{ !cancelled() && inputs.a == 'x' }}", contexts, status(true)), true);
});

test('what is read', () => {
  assert.deepEqual(reads("steps.one.outputs.n == 'steps.two.x' && inputs.fail-on"), [['steps', 'one', 'outputs', 'n'], ['inputs', 'fail-on']]);
});

test('output files', () => {
  assert.deepEqual(pairs('a=b=c\nd<<END\nx\n\ny=1\nEND\ne=\n'), { a: 'b=c', d: 'x\n\ny=1', e: '' });
  assert.throws(() => pairs('a<<END\nx\n'));
  assert.throws(() => pairs('word\n'));
});

test('commands in a log', () => {
  const log = 'x\n::error title=a%2Cb,file=c::d%0Ae\n::stop-commands::t\n::error::no\n##[error]no\n::t::\n::warning::%2525\n a ##[error]yes\n';
  assert.deepEqual(commands(log), [
    { name: 'error', properties: { title: 'a,b', file: 'c' }, data: 'd\ne' },
    { name: 'warning', properties: {}, data: '%25' },
    { name: 'error', properties: {}, data: 'yes' },
  ]);
  assert.throws(() => commands('::stop-commands::t\n'));
});
