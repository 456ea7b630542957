import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseListenAddress, refuseOpenAddress } from './listen-address.ts';

describe('parseListenAddress', () => {
  it('takes a host and a port', () => {
    assert.deepEqual(parseListenAddress('127.0.0.1:8080'), { host: '127.0.0.1', port: 8080 });
    assert.deepEqual(parseListenAddress('127.1.2.3:0'), { host: '127.1.2.3', port: 0 });
    assert.deepEqual(parseListenAddress('[::1]:443'), { host: '::1', port: 443 });
    assert.deepEqual(parseListenAddress('localhost:80'), { host: 'localhost', port: 80 });
  });

  it('takes other addresses too, which are served only by the explicit word', () => {
    for (const text of ['0.0.0.0:80', '[::]:80', '192.0.2.1:80', 'example.com:80', '127.0.0.1.evil.com:80']) {
      const address = parseListenAddress(text);
      assert.throws(() => refuseOpenAddress(address, false), /--secure-port.*--insecure/, text);
      refuseOpenAddress(address, true);
    }
    for (const text of ['127.0.0.1:80', '127.1.2.3:80', '[::1]:80', 'localhost:80']) {
      refuseOpenAddress(parseListenAddress(text), false);
    }
  });

  it('refuses what is no address', () => {
    for (const text of ['', '8080', ':8080', '127.0.0.1', '127.0.0.1:', '::1:80', '127.0.0.1:x']) {
      assert.throws(() => parseListenAddress(text), /HOST:PORT/, text);
    }
  });

  it('says that a port is out of range', () => {
    assert.deepEqual(parseListenAddress('127.0.0.1:65535').port, 65_535);
    for (const port of ['65536', '99999', '123456789']) {
      assert.throws(() => parseListenAddress(`127.0.0.1:${port}`), /port is out of range: .*65535/, port);
    }
  });
});
