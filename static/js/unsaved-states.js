// What can become of the text of a step, as a table. `unsaved-text.js` alone moves along it; docs/architecture.md shows the same table in words.
//
// sends: a save may go out. leaves: Continue and the buttons of rows may go out with the text. isSafe: the server has every word, so another page
// may take the form's place, and the copy in this browser may be deleted.
export const STATES = {
  clean: { sends: false, leaves: true, isSafe: true }, // the server has every word
  dirty: { sends: true, leaves: false, isSafe: false }, // words were typed that no request carries yet
  sending: { sends: false, leaves: false, isSafe: false }, // a save is on its way
  lost: { sends: true, leaves: true, isSafe: false }, // words were sent, and no answer came or one that asks for them again: the same words go before any others
  refused: { sends: false, leaves: true, isSafe: false }, // the server does not take these words; it is asked again when they change
  barred: { sends: true, leaves: true, isSafe: false }, // the server takes nothing from here now: nobody is signed in, or another account, or the draft is put away
  conflict: { sends: false, leaves: false, isSafe: false }, // somebody else changed the same: all else is saved, this waits for a choice
  leaving: { sends: false, leaves: false, isSafe: false }, // Continue or the button of a row carries the words
};

// What the words themselves tell: clean, dirty, refused, conflict, or lost while the words that were sent wait for an answer.
export const REST = "rest";

// state: { event: next state }. An event that a state does not name changes nothing.
//   typed     the words may have changed        sent       a save went out            saved      the server has what was sent
//   noAnswer  none came, or the server failed   refused    it does not take them      barred     it takes nothing from here now
//   again     the same words have to go once more, for a newer version or because a choice was made
//   pressed   Continue or the button of a row   answered   its answer is here: a form, or the next step that waits to be shown
export const TRANSITIONS = {
  clean: { typed: REST, again: "lost", pressed: "leaving" },
  dirty: { typed: REST, sent: "sending" },
  sending: { saved: REST, again: "lost", noAnswer: "lost", refused: REST, barred: "barred" },
  lost: { sent: "sending", pressed: "leaving" },
  refused: { typed: REST, pressed: "leaving" },
  barred: { typed: "barred", sent: "sending", pressed: "leaving" },
  conflict: { typed: REST, again: "lost" },
  leaving: { noAnswer: "lost", answered: REST },
};

// The state after an event. `rest` tells what REST is.
export function follow(state, event, rest) {
  const next = TRANSITIONS[state][event] ?? state;
  return next === REST ? rest() : next;
}
