/**
 * The answers whose schemas are published, by the TypeScript type that each of them has in src/model/query. Adding one
 * is one line here and `npm run openapi`.
 */

/** A type of an answer, or of an item of one that is a resource to clients, and where it is written. */
interface AnswerType {
  /** The file in src/model/query that exports it. */
  readonly file: string;
  readonly type: string;
  /** What clients call it: they name the items of a list `XList` X. */
  readonly kind: string;
}

export const ANSWER_TYPES: readonly AnswerType[] = [
  { file: 'versions.ts', type: 'VersionList', kind: 'VersionList' },
  { file: 'spec-history.ts', type: 'SpecHistory', kind: 'SpecHistory' },
  { file: 'diff.ts', type: 'DiffResult', kind: 'DiffResult' },
  { file: 'bisect.ts', type: 'BisectResult', kind: 'BisectResult' },
  { file: 'activities.ts', type: 'ActivityList', kind: 'ActivityList' },
  { file: 'activities.ts', type: 'Activity', kind: 'Activity' },
  { file: 'activity-counts.ts', type: 'ActivityCounts', kind: 'ActivityCounts' },
  { file: 'object-histories.ts', type: 'ObjectHistoryList', kind: 'ObjectHistoryList' },
  { file: 'object-history-item.ts', type: 'ObjectHistoryItem', kind: 'ObjectHistory' },
  { file: 'rollouts.ts', type: 'RolloutList', kind: 'RolloutList' },
  { file: 'rollouts.ts', type: 'WorkloadRollouts', kind: 'Rollout' },
  { file: 'sources.ts', type: 'SourceList', kind: 'SourceList' },
  { file: 'sources.ts', type: 'SourceItem', kind: 'Source' },
];
