// The built server with a data directory of its own, and the browser that visits it.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

export const PASSWORD = 'correct horse battery staple';

const BIN = process.env.PAPPUS_BIN;
if (!BIN) throw new Error('PAPPUS_BIN names the built server: start me with `cargo xtask test browser`');

/** A running pod; `setupLink` is what it printed at its first start. */
export class Pod {
  static async start(more = {}) {
    const pod = new Pod();
    pod.port = await freePort();
    pod.origin = `http://127.0.0.1:${pod.port}`;
    pod.data = await mkdtemp(join(tmpdir(), 'pappus-browser-'));
    pod.words = '';
    const env = {
      ...process.env,
      PAPPUS_DATA: pod.data,
      PAPPUS_SERVER__LISTEN: `127.0.0.1:${pod.port}`,
      ...more,
    };
    if (process.env.PAPPUS_TEST_PLUGINS) env.PAPPUS_PLUGINS__DIR = process.env.PAPPUS_TEST_PLUGINS;
    pod.process = spawn(BIN, ['serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    // no way of dying leaves the server behind
    process.once('exit', () => pod.process.kill('SIGKILL'));
    for (const stream of [pod.process.stdout, pod.process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { pod.words += text; });
    }
    await until('the pod is ready', async () => {
      if (pod.process.exitCode !== null) throw new Error(`the server ended:\n${pod.words}`);
      const answer = await fetch(`${pod.origin}/readyz`).catch(() => null);
      return answer?.ok && pod.words.match(/https?:\/\/\S+\/setup\S*/);
    });
    pod.setupLink = pod.words.match(/https?:\/\/\S+\/setup\S*/)[0];
    return pod;
  }

  async stop() {
    if (this.process.exitCode === null) {
      const ended = new Promise((resolve) => { this.process.once('exit', resolve); });
      this.process.kill('SIGTERM');
      await ended;
    }
    await rm(this.data, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Asks until the answer is true, and gives it. */
export async function until(what, check, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  });
}

/** The six digits that an authenticator shows for a key, now or some steps from now. */
export function codeFor(key, steps = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of key.replace(/[\s=]/g, '').toUpperCase()) {
    bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  }
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const digest = createHmac('sha1', secret).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}
