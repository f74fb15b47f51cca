// Asks for the list of events anew, every two seconds while the page is looked at. Without it the page is as it was when
// it was loaded, and the page of events alone loads itself again.
"use strict";
for (const list of document.querySelectorAll(".live[data-src]")) {
	const ask = async () => {
		if (!document.hidden && !list.matches(":focus-within")) {
			try {
				const answer = await fetch(list.dataset.src, { credentials: "same-origin", redirect: "error" });
				if (answer.ok) {
					list.innerHTML = await answer.text();
				}
				list.classList.toggle("stale", !answer.ok);
			} catch {
				list.classList.add("stale");
			}
		}
		setTimeout(ask, 2000);
	};
	setTimeout(ask, 2000);
}
