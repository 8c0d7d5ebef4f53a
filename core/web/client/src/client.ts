// Enhances pages that work without it. Each element below stands around ordinary markup.
import { Audience } from "./audience.js";
import { Composer } from "./composer.js";
import { Copy } from "./copy.js";
import { Photos } from "./photos.js";
import { Seen } from "./seen.js";
import { keepTimesFresh } from "./times.js";
import { sendOnce } from "./forms.js";

customElements.define("pod-composer", Composer);
customElements.define("pod-audience", Audience);
customElements.define("pod-copy", Copy);
customElements.define("pod-seen", Seen);
customElements.define("pod-photos", Photos);
keepTimesFresh();
sendOnce();
