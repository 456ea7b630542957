/** A small cluster's history, made by hand: a few objects of every kind that routes and texts treat apart. */
import { actionRef, type Action } from '../../model/action.ts';
import type { JsonObject } from '../../model/json.ts';
import { objectKey, type ObjectKey } from '../../model/object-key.ts';
import type { ObjectHistory, Reader } from '../../model/reader.ts';
import type { SourceStatus } from '../../model/source-status.ts';
import { micros, parseTime, type Micros } from '../../model/time.ts';
import { versionNumber, type Version } from '../../model/version.ts';
import { findHistory } from '../../model/query/find-object.ts';
import { arrayReader } from '../../testing/array-reader.ts';

const DAY = '2026-11-22';

/** A time of the day on which it all happens. */
function at(time: string): Micros {
  return parseTime(`${DAY}T${time}Z`) ?? micros(0);
}

type Made = Partial<Omit<Version, 'number' | 'timestamp' | 'actor'>> & {
  readonly time: string;
  readonly user: string;
  readonly impersonatedBy?: string;
  readonly userAgent?: string;
};

/** The history of an object; each version says only what is special about it. */
function historyOf(key: ObjectKey, made: readonly Made[]): ObjectHistory {
  const versions = made.map(
    ({ time, user, impersonatedBy, userAgent = 'kubectl/v1.34.0', ...rest }, index): Version => {
      const number = versionNumber(index + 1);
      return {
        number,
        operation: index === 0 ? 'create' : 'patch',
        timestamp: at(time),
        actor: { user, impersonatedBy, userAgent, sourceIPs: ['10.0.0.7'] },
        auditID: `audit-${key.name}-${number}`,
        uid: `uid-${key.name}-1`,
        resourceVersion: String(100 + index),
        generation: number,
        fidelity: 'exact',
        apiVersion: key.group === '' ? 'v1' : `${key.group}/v1`,
        kind: 'Kind',
        content: undefined,
        deleted: false,
        created: index === 0,
        terminating: false,
        completedBy: undefined,
        ...rest,
      };
    },
  );
  return { key, versions };
}

function deployment(image: string, replicas: number, level: string): JsonObject {
  const container = { name: 'api', image, env: [{ name: 'LOG_LEVEL', value: level }] };
  return {
    metadata: { labels: { app: 'api' } },
    spec: { replicas, template: { spec: { containers: [container] } } },
  };
}

const CONFIG = ['listen = 80', 'workers = 4', 'timeout = 30', 'retries = 3', ''].join('\n');

const HISTORIES: readonly ObjectHistory[] = [
  historyOf(objectKey('apps', 'deployments', 'payments', 'api'), [
    { time: '08:00:00', user: 'ci-bot', content: deployment('api:1.0', 2, 'info') },
    {
      time: '09:00:00',
      user: 'alice',
      impersonatedBy: 'breakglass',
      content: deployment('api:1.1', 2, 'debug'),
    },
    { time: '09:30:00', user: 'hpa', operation: 'scale', content: deployment('api:1.1', 3, 'debug') },
    { time: '10:00:00', user: 'ci-bot', operation: 'apply', content: deployment('api:1.0', 3, 'info') },
    {
      time: '10:30:00',
      user: 'gitops',
      operation: 'delete',
      deleted: true,
      completedBy: { user: 'system:serviceaccount:kube-system:garbage-collector', auditID: 'audit-gc' },
    },
    {
      time: '10:31:00',
      user: 'gitops',
      operation: 'create',
      created: true,
      uid: 'uid-api-2',
      content: deployment('api:1.2', 2, 'info'),
    },
  ]),
  historyOf(objectKey('', 'configmaps', 'payments', 'config'), [
    { time: '08:00:00', user: 'ci-bot', content: { data: { 'app.conf': CONFIG } } },
    {
      time: '11:00:00',
      user: 'alice',
      userAgent: 'evil\u001b[2J',
      fidelity: 'partial',
      content: { data: { 'app.conf': CONFIG.replace('workers = 4', 'workers = 8') } },
    },
  ]),
  historyOf(objectKey('', 'namespaces', '', 'payments'), [
    { time: '07:00:00', user: 'admin', content: { metadata: { labels: { team: 'payments' } } } },
  ]),
  historyOf(objectKey('rbac.authorization.k8s.io', 'clusterroles', '', 'viewer'), [
    { time: '07:00:00', user: 'admin', content: { rules: [{ verbs: ['get'] }] } },
    { time: '11:30:00', user: 'mallory', content: { rules: [{ verbs: ['get', 'delete'] }] } },
  ]),
  historyOf(objectKey('mysql.example.com', 'databases', 'payments', 'main'), [
    { time: '07:00:00', user: 'admin', content: { spec: { size: 9_007_199_254_740_993n } } },
  ]),
  historyOf(objectKey('postgres.example.com', 'databases', 'payments', 'main'), [
    { time: '07:00:00', user: 'admin', content: { spec: { size: 1 } } },
  ]),
  historyOf(objectKey('example.com', 'widgets', 'payments', 'hidden'), [
    { time: '07:00:00', user: 'admin', operation: 'patch', fidelity: 'unknown' },
    { time: '07:30:00', user: 'admin', content: { spec: { size: 2 } } },
  ]),
];

function action(ref: number, time: string, user: string, verb: string, made: Partial<Action>): Action {
  return {
    ref: actionRef(ref),
    timestamp: at(time),
    actor: { user, impersonatedBy: undefined, userAgent: 'kubectl/v1.34.0', sourceIPs: ['10.0.0.7'] },
    verb,
    object: objectKey('apps', 'deployments', 'payments', 'api'),
    subresource: '',
    code: 200,
    auditID: `audit-${ref}`,
    dryRun: false,
    ...made,
  };
}

const ACTIONS: readonly Action[] = [
  action(0, '08:00:00', 'ci-bot', 'create', { code: 201, auditID: 'audit-api-1' }),
  action(1, '08:30:00', 'mallory', 'delete', { code: 403 }),
  action(2, '09:00:00', 'alice', 'patch', { auditID: 'audit-api-2' }),
  action(3, '09:10:00', 'alice', 'create', {
    object: objectKey('', 'pods', 'payments', 'api-0'),
    subresource: 'exec',
    code: 101,
  }),
  action(4, '11:30:00', 'mallory', 'patch', {
    object: objectKey('rbac.authorization.k8s.io', 'clusterroles', '', 'viewer'),
    auditID: 'audit-viewer-2',
  }),
  action(5, '11:40:00', 'alice', 'patch', { dryRun: true }),
];

/** Where the fixture's one source stands. */
export const SOURCE: SourceStatus = {
  name: '/var/log/kubernetes/audit.log',
  position: { file: 'audit.log', offset: 4096 },
  bytesBehind: 12,
  bytesRead: 4096,
  events: 40,
  versions: 16,
  dropped: { read: 20, stage: 4, malformed: 1 },
  problem: undefined,
};

/** The fixture as a Reader; without sources it knows nothing. */
export function fixtureReader(sources: readonly SourceStatus[] = [SOURCE]): Reader {
  const reader = sources.length === 0 ? arrayReader([]) : arrayReader(HISTORIES, ACTIONS);
  return { ...reader, sources: () => sources };
}

/** The history of one of the fixture's objects, by its plural and name. */
export function fixtureHistory(resource: string, name: string): ObjectHistory {
  const isClustered = HISTORIES.some(({ key }) => key.resource === resource && key.namespace === '');
  return findHistory(fixtureReader(), { resource, namespace: isClustered ? '' : 'payments', name });
}
