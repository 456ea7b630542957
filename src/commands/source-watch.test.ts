import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import { isObject, parseJson, stringMember } from '../model/json.ts';
import type { SourceStatus } from '../model/source-status.ts';
import { SourceWatch } from './source-watch.ts';

const GOOD: SourceStatus = {
  name: 'audit.log',
  position: undefined,
  bytesBehind: 0,
  bytesRead: 100,
  events: 1,
  versions: 0,
  dropped: {},
  problem: undefined,
};
const UNREAD: SourceStatus = { ...GOOD, bytesRead: 0, events: 0 };

/** What a watch logs at each of its looks, as `level message`. */
function logged(
  ...looks: readonly { source?: SourceStatus; problems?: readonly string[] }[]
): readonly (readonly string[])[] {
  let lines: string[] = [];
  const write = (line: string): void => {
    const entry = parseJson(line);
    assert.ok(isObject(entry));
    lines.push(`${stringMember(entry, 'level')} ${stringMember(entry, 'msg')}`);
  };
  const watch = new SourceWatch(pino({ formatters: { level: (level) => ({ level }) } }, { write }));
  return looks.map(({ source, problems = [] }) => {
    lines = [];
    watch.look(source === undefined ? [] : [source], problems);
    return lines;
  });
}

it('says what is wrong with a source when it appears, changes and goes, and nothing between', () => {
  const denied = { ...GOOD, problem: 'may not be read' };
  const gone = { ...GOOD, problem: 'is gone' };
  assert.deepEqual(
    logged({ source: GOOD }, { source: denied }, { source: denied }, { source: gone }, { source: GOOD }),
    [[], ['warn may not be read'], [], ['warn is gone'], ['info no longer so: is gone']],
  );
});

it('says once that a source has no event, when it is read to its end', () => {
  const started = { ...UNREAD, bytesBehind: 300 };
  const binary = { ...UNREAD, bytesRead: 300, dropped: { malformed: 7, 'over-long': 1 } };
  assert.deepEqual(
    logged(
      { source: started },
      { source: binary },
      { source: { ...binary, dropped: { malformed: 8 } } },
      { source: GOOD },
    ),
    [
      [],
      ['warn no audit event found in audit.log so far: 7 malformed lines, 1 over-long line'],
      [],
      ['info no longer so: no audit event found in audit.log so far: 7 malformed lines, 1 over-long line'],
    ],
  );
});

it('says so of a log that is not there, and again of what then comes', () => {
  const text = 'no audit event found in audit.log so far';
  assert.deepEqual(
    logged({ source: UNREAD }, { source: { ...UNREAD, bytesRead: 9, dropped: { 'not-an-event': 1 } } }),
    [[`warn ${text}: it is missing or empty`], [`warn ${text}: 1 not-an-event line`]],
  );
});

it('says what is wrong with folders and globs', () => {
  const problems = ['there is no log in logs/'];
  assert.deepEqual(logged({ problems }, { problems }, {}, { problems }), [
    ['warn there is no log in logs/'],
    [],
    [],
    ['warn there is no log in logs/'],
  ]);
});
