/**
 * What a lane of the load sends next. Pure: a lane's state and a random source in, a request and the next state out.
 *
 * Invariant: a lane names only objects that it created and did not delete; it holds at most OBJECTS_MAX of them.
 */
import type { ApiRequest } from './api-client.ts';
import type { Manifest } from './manifests.ts';

const OBJECTS_MAX = 12;
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** Numbers in [0, 1). */
export type Random = () => number;

/** The kinds of objects that the load is made of. */
export type Kind = 'deployment' | 'configmap' | 'service' | 'postgres';

/** An object that the lane created. */
export interface LaneObject {
  readonly kind: Kind;
  readonly name: string;
}

/** What a lane knows. */
export interface LaneState {
  readonly namespace: string;
  readonly lane: number;
  /** How many objects it has created: names are never used twice. */
  readonly created: number;
  readonly objects: readonly LaneObject[];
}

/** A lane that has created nothing. */
export function initialChurn(namespace: string, lane: number): LaneState {
  return { namespace, lane, created: 0, objects: [] };
}

/** A small, fast, seeded generator (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The next request of a lane, and the lane after it. */
export function nextRequest(
  state: LaneState,
  random: Random,
): { readonly request: ApiRequest; readonly state: LaneState } {
  const object = state.objects[Math.floor(random() * state.objects.length)];
  const chance = random();
  if (object === undefined || (chance < 0.12 && state.objects.length < OBJECTS_MAX)) {
    const kind = pick<Kind>(['deployment', 'deployment', 'configmap', 'service', 'postgres'], random);
    const named = { kind, name: `${kind}-${state.lane}-${state.created}` };
    return {
      request: withAgent(create(state.namespace, named, random)),
      state: { ...state, created: state.created + 1, objects: [...state.objects, named] },
    };
  }
  if (chance < 0.2) {
    return {
      request: withAgent({ method: 'DELETE', path: pathOf(state.namespace, object) }),
      state: { ...state, objects: state.objects.filter((other) => other !== object) },
    };
  }
  return { request: withAgent(change(state.namespace, object, random)), state };
}

function withAgent(request: ApiRequest): ApiRequest {
  return { userAgent: 'churn/1.0', ...request };
}

function pick<Value>(values: readonly [Value, ...Value[]], random: Random): Value {
  return values[Math.floor(random() * values.length)] ?? values[0];
}

const COLLECTIONS: Readonly<Record<Kind, readonly [prefix: string, plural: string]>> = {
  deployment: ['/apis/apps/v1', 'deployments'],
  configmap: ['/api/v1', 'configmaps'],
  service: ['/api/v1', 'services'],
  postgres: ['/apis/postgrescontroller.kubeplus/v1', 'postgreses'],
};

function collectionOf(namespace: string, kind: Kind): string {
  const [prefix, plural] = COLLECTIONS[kind];
  return `${prefix}/namespaces/${namespace}/${plural}`;
}

function pathOf(namespace: string, { kind, name }: LaneObject): string {
  return `${collectionOf(namespace, kind)}/${name}`;
}

function create(namespace: string, object: LaneObject, random: Random): ApiRequest {
  const body = manifest(namespace, object, random);
  if (random() < 0.3) return apply(namespace, object, body);
  return { method: 'POST', path: collectionOf(namespace, object.kind), body };
}

function apply(namespace: string, object: LaneObject, body: Manifest): ApiRequest {
  const path = `${pathOf(namespace, object)}?fieldManager=churn&force=true`;
  return { method: 'PATCH', path, contentType: APPLY, body };
}

function patch(namespace: string, object: LaneObject, contentType: string, body: unknown): ApiRequest {
  return { method: 'PATCH', path: pathOf(namespace, object), contentType, body };
}

function change(namespace: string, object: LaneObject, random: Random): ApiRequest {
  switch (object.kind) {
    case 'deployment':
      return changeDeployment(namespace, object, random);
    case 'configmap':
      return changeConfigMap(namespace, object, random);
    case 'service':
      return changeService(namespace, object, random);
    case 'postgres':
      return patch(namespace, object, MERGE, {
        spec: { users: [{ username: 'app', password: `p-${number(random, 10_000)}` }] },
      });
  }
}

function changeDeployment(namespace: string, object: LaneObject, random: Random): ApiRequest {
  const image = imageOf(random);
  const path = pathOf(namespace, object);
  return pick(
    [
      apply(namespace, object, manifest(namespace, object, random)),
      patch(namespace, object, STRATEGIC, {
        spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
      }),
      patch(namespace, object, JSON_PATCH, [
        { op: 'replace', path: '/spec/template/spec/containers/0/image', value: image },
      ]),
      patch(namespace, object, MERGE, { metadata: { labels: { release: `r${number(random, 100)}` } } }),
      {
        method: 'PATCH',
        path: `${path}/scale`,
        contentType: MERGE,
        body: { spec: { replicas: number(random, 5) } },
      },
    ],
    random,
  );
}

function changeConfigMap(namespace: string, object: LaneObject, random: Random): ApiRequest {
  const body = manifest(namespace, object, random);
  return pick(
    [
      { method: 'PUT', path: pathOf(namespace, object), body },
      apply(namespace, object, body),
      patch(namespace, object, MERGE, { data: { [`key-${number(random, 20)}`]: `v${number(random, 1e6)}` } }),
    ],
    random,
  );
}

function changeService(namespace: string, object: LaneObject, random: Random): ApiRequest {
  return pick(
    [
      apply(namespace, object, manifest(namespace, object, random)),
      patch(namespace, object, STRATEGIC, {
        spec: { ports: [{ name: 'http', port: 80, targetPort: 8000 + number(random, 100) }] },
      }),
      patch(namespace, object, MERGE, { spec: { selector: { release: `r${number(random, 100)}` } } }),
    ],
    random,
  );
}

function manifest(namespace: string, { kind, name }: LaneObject, random: Random): Manifest {
  const metadata = { name, namespace, labels: { app: name } };
  switch (kind) {
    case 'deployment':
      return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deploymentSpec(name, random) };
    case 'configmap':
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: settings(random) };
    case 'service': {
      const port = { name: 'http', port: 80, targetPort: 8080 + number(random, 10) };
      const spec = { selector: { app: name }, ports: [port] };
      return { apiVersion: 'v1', kind: 'Service', metadata, spec };
    }
    case 'postgres':
      return {
        apiVersion: 'postgrescontroller.kubeplus/v1',
        kind: 'Postgres',
        metadata,
        spec: { deploymentName: name, image: 'postgres:17.2', databases: ['main'], users: [] },
      };
  }
}

function deploymentSpec(app: string, random: Random): Manifest {
  return {
    replicas: 1 + number(random, 4),
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: {
        containers: [
          {
            name: 'app',
            image: imageOf(random),
            env: Object.entries(settings(random)).map(([key, value]) => ({ name: key, value })),
            ports: [{ name: 'http', containerPort: 8080 }],
          },
        ],
      },
    },
  };
}

function settings(random: Random): Readonly<Record<string, string>> {
  const count = 4 + number(random, 16);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`key-${index}`, `v${number(random, 1e6)}`]),
  );
}

function imageOf(random: Random): string {
  return `registry.example/churn/app:1.${number(random, 40)}.${number(random, 10)}`;
}

function number(random: Random, below: number): number {
  return Math.floor(random() * below);
}
