/**
 * The audit policies that a test may ask for. They differ in the level of writes only.
 *
 * Left out of the log: what the harness does for itself, and what our own server asks of kube-apiserver (its access reviews
 * would feed back into what it reads). Events and leases are left out, reads are logged without bodies. Unlike in an
 * advisable policy, Secrets and tokens are logged as any other resource: a test that plants one has to find it redacted.
 */

/** The level at which writes are logged. */
export type AuditLevel = 'Metadata' | 'Request' | 'RequestResponse';

/** The user in whose name the harness prepares and looks; none of its requests is in the log. */
export const UNAUDITED_USER = 'unaudited';

/** The namespace that our server is installed in, unless a test says otherwise. */
export const SERVER_NAMESPACE = 'kubeprovenance';

/** The policy as a file's text (JSON is YAML). */
export function auditPolicy(level: AuditLevel): string {
  return JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    rules: [
      {
        level: 'None',
        users: [UNAUDITED_USER, `system:serviceaccount:${SERVER_NAMESPACE}:kubeprovenance`],
      },
      {
        level: 'None',
        resources: [
          { group: '', resources: ['events'] },
          { group: 'events.k8s.io', resources: ['events'] },
          { group: 'coordination.k8s.io', resources: ['leases'] },
        ],
      },
      { level: 'Metadata', verbs: ['get', 'list', 'watch'] },
      { level },
    ],
  });
}
