// The labels on our tins.

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** "Sencha" becomes "SENCHA". */
function shout(name) {
  return name.toUpperCase();
}

/** The weekday a tin was packed on. */
function packedOn(date) {
  return weekdays[(date.getDay() + 6) % 7];
}

console.log(shout('Sencha'), packedOn(new Date(2026, 0, 5)));

// Type below, for example:  // Returns the price as euros and cents.
