/**
 * Load on a cluster: lanes, each with one request in flight, create, change, scale and delete their own objects in every
 * way that a client can, as several users, while whatever controllers there are follow. The choices are seeded; how the lanes
 * interleave is not.
 */
import { ApiClient, type ApiRequest } from './api-client.ts';
import { initialChurn, nextRequest, seededRandom, type LaneState } from './churn-requests.ts';
import type { ControlPlane } from './control-plane.ts';
import { namespace, POSTGRES_DEFINITION } from './manifests.ts';
import { waitUntil } from './processes.ts';

const USERS = ['release-bot', 'config-bot', 'kim@example.com', 'noor@example.com'];
const CUSTOM_RESOURCE_TIMEOUT_MS = 10_000;

/** How much load. */
export interface ChurnOptions {
  /** How many requests are in flight at a time. */
  readonly lanes: number;
  /** The lanes' objects are in that many namespaces, `churn-0` and so on. */
  readonly namespaces: number;
  readonly seed?: number;
  /** Asked before each request, with how many have been sent: whether it is enough. */
  readonly enough: (sent: number) => boolean;
}

/** What was sent. */
export interface ChurnCounts {
  readonly requests: number;
  /** Answered with 400 or above. */
  readonly refused: number;
}

/** Puts load on a cluster until it is enough. */
export async function churn(plane: ControlPlane, options: ChurnOptions): Promise<ChurnCounts> {
  const { lanes, namespaces, seed = 1, enough } = options;
  const connections = Math.ceil(lanes / USERS.length);
  const clients = await Promise.all(USERS.map(async (user) => openClient(plane, user, connections)));
  let requests = 0;
  let refused = 0;
  const send = async (lane: number, request: ApiRequest): Promise<void> => {
    requests += 1;
    const { status } = await clientOf(clients, lane).send(request);
    if (status >= 400) refused += 1;
  };
  try {
    await prepare(clientOf(clients, 0), namespaces);
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        const random = seededRandom(seed * 1000 + lane);
        let state: LaneState = initialChurn(`churn-${lane % namespaces}`, lane);
        while (!enough(requests)) {
          const { request, state: next } = nextRequest(state, random);
          await send(lane, request);
          state = next;
        }
      }),
    );
    return { requests, refused };
  } finally {
    await Promise.all(clients.map(async (client) => client.close()));
  }
}

/** The namespaces, and the custom resource: it is served a moment after its definition is there. */
async function prepare(client: ApiClient, namespaces: number): Promise<void> {
  for (let index = 0; index < namespaces; index += 1) {
    await client.expect({ method: 'POST', path: '/api/v1/namespaces', body: namespace(`churn-${index}`) });
  }
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await client.expect({ method: 'POST', path, body: POSTGRES_DEFINITION });
  await waitUntil('the custom resource is served', CUSTOM_RESOURCE_TIMEOUT_MS, async () => {
    const { status } = await client.send({
      method: 'GET',
      path: '/apis/postgrescontroller.kubeplus/v1/postgreses',
    });
    return status === 200;
  });
}

/** Who sends the requests of a lane; its objects are named `KIND-LANE-NUMBER`. */
export function userOfLane(lane: number): string {
  return USERS[lane % USERS.length] ?? '';
}

async function openClient(plane: ControlPlane, user: string, connections: number): Promise<ApiClient> {
  const pair = await plane.issueUser(user, ['system:masters']);
  return ApiClient.create(plane.server, plane.caPath, { pair }, connections);
}

function clientOf(clients: readonly ApiClient[], lane: number): ApiClient {
  const client = clients[lane % clients.length];
  if (client === undefined) throw new Error('there are no clients');
  return client;
}
