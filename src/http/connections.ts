/**
 * The connections of a server and the answers under way on them, so that closing can tell which are idle.
 *
 * Node's own closeIdleConnections cuts answers: it takes a connection for idle once the answer is handed over, though most of
 * a large one may still wait for its reader. Here a connection is idle once the last answer is out.
 *
 * States of a connection: in its handshake (TLS only); idle; answering; gone.
 */
import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What is open at one server. */
export class Connections {
  /** TCP connections on which TLS has not come about yet, by who is at their other end. */
  readonly #handshaking = new Map<string, Socket>();
  /** Connections on which HTTP is spoken, with the answers under way. */
  readonly #open = new Map<Socket, Set<ServerResponse>>();

  /** A TCP connection came on which TLS is to come about. */
  beginHandshake(socket: Socket): void {
    const peer = peerOf(socket);
    this.#handshaking.set(peer, socket);
    socket.once('close', () => {
      if (this.#handshaking.get(peer) === socket) this.#handshaking.delete(peer);
    });
  }

  /** HTTP is spoken on a connection from now on. */
  open(socket: Socket): void {
    this.#handshaking.delete(peerOf(socket));
    this.#open.set(socket, new Set());
    socket.once('close', () => this.#open.delete(socket));
  }

  /** An answer begins; `ended` is called when it is out or lost. */
  answer(response: ServerResponse, ended: () => void): void {
    const { socket } = response;
    const answers = socket === null ? undefined : this.#open.get(socket);
    answers?.add(response);
    response.once('close', () => {
      answers?.delete(response);
      ended();
    });
  }

  /** Whether HTTP is spoken on it: a TLS connection whose handshake failed is none. */
  isOpen(socket: Duplex): boolean {
    return socket instanceof Socket && this.#open.has(socket);
  }

  /** Whether an answer is under way on it. */
  isAnswering(socket: Duplex): boolean {
    return socket instanceof Socket && (this.#open.get(socket)?.size ?? 0) > 0;
  }

  /** All answers under way. */
  answers(): readonly ServerResponse[] {
    return this.#open
      .values()
      .flatMap((answers) => answers)
      .toArray();
  }

  /** Ends what is idle, after what has been written to it, and cuts handshakes. */
  endIdle(): void {
    for (const [socket, answers] of this.#open) {
      if (answers.size === 0) socket.destroySoon();
    }
    for (const socket of this.#handshaking.values()) socket.destroy();
  }

  /** Ends everything at once. */
  cutAll(): void {
    for (const socket of [...this.#open.keys(), ...this.#handshaking.values()]) socket.destroy();
  }
}

/** TLS is a socket of its own upon the one that was accepted: what the two have in common is their peer. */
function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
