/* What was said goes to the site in order, behind one's back. Nothing is lost on the way:
   what cannot be sent waits and is sent again, what is refused is said. */

const PATIENCE = 30_000;
const LONGEST = 15_000;

const token = () =>
  document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ??
  document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

/* Words for an answer that is none of ours; empty where all is well. */
const refusal = (answer, said) => {
  if (answer.type === "opaqueredirect") return "your log-in has ended. Log in in another window, then retry";
  if (answer.ok) return "";
  if (said?.error) return said.error;
  const words = {
    403: "the site refuses it (403). Log in anew in another window, then retry",
    404: "the candidate is gone (404)",
    409: "something else happened to it meanwhile (409)",
  };
  return words[answer.status] ?? `the site could not do it (${answer.status})`;
};

const deliver = async ({ url, body }) => {
  body.delete("csrfmiddlewaretoken"); /* it may be of a log-in that has ended */
  const answer = await fetch(url, {
    method: "POST",
    body,
    redirect: "manual",
    keepalive: true,
    headers: { Accept: "application/json", "X-CSRFToken": token() },
    signal: AbortSignal.timeout(PATIENCE),
  });
  const said = await answer.json().catch(() => null);
  const wrong = refusal(answer, said);
  return wrong ? { wrong } : { said };
};

export class Outbox {
  /* `changed` hears of every step, `refused` and `delivered` of each post that was. */
  constructor({ changed, refused, delivered }) {
    Object.assign(this, { changed, refused, delivered });
    this.posts = [];
    this.flying = null;
    this.trouble = null;
    this.hasSent = false;
    this.pause = 1_000;
    addEventListener("online", () => this.retry());
    addEventListener("beforeunload", (event) => {
      if (this.posts.length) event.preventDefault();
    });
  }

  put(post) {
    this.posts.push(post);
    this.send();
  }

  /* Take back what is still here, so that it is never sent; false if it is on its way. */
  drop(post) {
    const place = this.posts.indexOf(post);
    if (place < 0 || post === this.flying) return false;
    this.posts.splice(place, 1);
    if (this.trouble?.post === post) this.trouble = null;
    this.send();
    return true;
  }

  retry() {
    clearTimeout(this.timer);
    this.trouble = null;
    this.send();
  }

  async send() {
    if (this.flying || this.trouble || !this.posts.length) {
      this.changed();
      return;
    }
    const post = this.posts[0];
    this.flying = post;
    this.changed();
    const answer = post.isVain?.() ? { said: null } : await deliver(post).catch(() => ({ lost: true }));
    this.flying = null;
    this.settle(post, answer);
  }

  settle(post, { lost, wrong, said }) {
    if (lost) {
      this.trouble = { post, words: "the site cannot be reached", again: this.pause };
      this.timer = setTimeout(() => this.retry(), this.pause);
      this.pause = Math.min(2 * this.pause, LONGEST);
      this.changed();
      return;
    }
    this.pause = 1_000;
    if (wrong) {
      this.trouble = { post, words: wrong };
      this.refused(post);
      this.changed();
      return;
    }
    this.posts.shift();
    this.hasSent = true;
    this.delivered(post, said);
    this.send();
  }
}
