// shows: does not grant requests
const answer: unknown = tars.http.get('https://example.com/');
