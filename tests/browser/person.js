// Somebody at a browser: what people do on the pages, said once.
import assert from 'node:assert/strict';
import { PASSWORD } from './pod.js';

export class Person {
  static async at(browser, pod, options = {}) {
    const person = new Person();
    person.pod = pod;
    person.context = await browser.newContext({ baseURL: pod.origin, locale: 'en-GB', ...options });
    person.context.setDefaultTimeout(60000);
    person.page = await person.context.newPage();
    person.complaints = [];
    person.page.on('pageerror', (error) => person.complaints.push(String(error)));
    person.page.on('console', (line) => {
      // a page that answers 404 on purpose is reported by the browser as well
      if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) {
        person.complaints.push(line.text());
      }
    });
    return person;
  }

  async visit(path) {
    const answer = await this.page.goto(path);
    return answer.status();
  }

  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) {
      await this.page.locator(`main [name="${name}"]`).first().fill(value);
    }
  }

  /** Presses the button of the form that holds a field, and waits for the page that follows. */
  async submit(field) {
    await this.follow(this.page.locator('form', { has: this.page.locator(`[name="${field}"]`) })
      .locator('button[type=submit]').first());
  }

  async follow(link) {
    // a sign-up may have to wait until a fresh key is made
    await Promise.all([this.page.waitForNavigation({ timeout: 120000 }), link.click({ timeout: 120000 })]);
  }

  async text() {
    return this.page.locator('main').innerText();
  }

  async signUp(name) {
    this.name = name;
    await this.visit('/users/sign_up');
    await this.fill({
      'user[username]': name,
      'user[email]': `${name}@example.org`,
      'user[password]': PASSWORD,
      'user[password_confirmation]': PASSWORD,
    });
    await this.submit('user[username]');
    assert.ok(await this.isSignedIn(), `${name} is signed in after signing up: ${await this.text()}`);
  }

  async signIn(name = this.name, password = PASSWORD) {
    this.name = name;
    await this.visit('/users/sign_in');
    await this.fill({ 'user[username]': name, 'user[password]': password });
    await this.submit('user[username]');
  }

  async signOut() {
    await this.visit('/users/sign_out');
    await this.follow(this.page.locator('main form button[type=submit]').first());
    assert.ok(!(await this.isSignedIn()), 'signed out');
  }

  async isSignedIn() {
    const answer = await this.context.request.get('/stream', { maxRedirects: 0 });
    return answer.status() === 200;
  }

  async handle() {
    await this.visit(`/u/${this.name}`);
    return (await this.page.locator('#handle').innerText()).trim();
  }

  /** Posts to everybody, or to the named aspects; gives the address of the post. */
  async post(text, ...aspects) {
    await this.visit('/stream');
    const composer = this.page.locator('form[action="/status_messages"]');
    await composer.locator('textarea').fill(text);
    const picker = composer.locator('details.picker');
    if (!(await picker.evaluate((details) => details.open))) await picker.locator('summary').click();
    await composer.locator(`input[name=audience][value=${aspects.length ? 'chosen' : 'public'}]`).check();
    for (const aspect of aspects) await composer.locator(`input[data-name="${aspect}"]`).check();
    await this.follow(composer.locator('button[type=submit]').last());
    const first = this.page.locator('article.post').first();
    return new URL(await first.locator('header a[href*="/posts/"]').getAttribute('href'), this.pod.origin).pathname;
  }

  /** Asks everybody a question; the path of the post. */
  async ask(question, answers) {
    await this.visit('/stream');
    const composer = this.page.locator('form[action="/status_messages"]');
    await composer.locator('textarea').fill('Help me choose.');
    await composer.locator('details.extra summary').click();
    await composer.locator('[name="x[polls][poll][question]"]').fill(question);
    const fields = composer.locator('[name="x[polls][poll][answer][]"]');
    for (const [at, answer] of answers.entries()) await fields.nth(at).fill(answer);
    await composer.locator('details.picker summary').click();
    await composer.locator('input[name=audience][value=public]').check();
    await this.follow(composer.locator('button[type=submit]').last());
    const first = this.page.locator('article.post').first();
    return new URL(await first.locator('header a[href*="/posts/"]').getAttribute('href'), this.pod.origin).pathname;
  }

  async addContact(handle, aspect) {
    await this.visit('/contacts');
    const form = this.page.locator('form[action="/contacts"]');
    await form.locator('[name=handle]').fill(handle);
    await form.getByText(aspect, { exact: true }).click();
    await this.follow(form.locator('button[type=submit]').last());
  }

  /** Begins a conversation with a mutual contact, and ends up in it. */
  async converse(name, subject, text) {
    await this.visit('/conversations/new');
    await this.page.locator('.recipients .tick', { hasText: `${name}@` }).locator('input').check();
    await this.fill({ 'conversation[subject]': subject, 'conversation[text]': text });
    await this.submit('conversation[text]');
  }

  async plugin(slug, on) {
    await this.visit('/admin/plugins');
    const act = this.page.locator(`form[action="/admin/plugins/${slug}/${on ? 'enable' : 'disable'}"] button`);
    if (await act.count()) await this.follow(act.last());
    await this.visit('/admin/plugins');
    const state = this.page.locator(`#plugin-${slug} .state`);
    const running = (await state.getAttribute('class')).includes('state-running');
    assert.equal(running, on, `${slug}: ${await this.text()}`);
  }

  /** Nothing sticks out to the side. */
  async fitsTheScreen() {
    const [content, screen] = await this.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(content <= screen, `${this.page.url()} is ${content} wide on a screen of ${screen}`);
  }
}

/** The first visit: from the printed link to a pod with an admin and open registration. */
export async function setUp(admin) {
  const { page, pod } = admin;
  // the link works once: a second visit is for whoever is not there yet
  if (!page.url().endsWith('/setup')) await admin.visit(pod.setupLink);
  assert.equal(new URL(page.url()).search, '', 'the secret of the link does not stay in the address');
  if (await page.locator('[name=base_url]').count()) await admin.fill({ base_url: pod.origin });
  await admin.fill({ pod_name: 'Meadow', username: 'alice', email: 'alice@example.org', password: PASSWORD });
  await page.locator('[name=registrations][value=open]').check();
  await admin.submit('username');
  admin.name = 'alice';
  if (!(await admin.isSignedIn())) await admin.signIn();
  assert.ok(await admin.isSignedIn(), `the admin is signed in: ${await admin.text()}`);
}
