-- A million patients and five million past tokens, as some hundred of the nation's peak days would leave them: set-based,
-- with the keys that the portal's rows have: 50,000 tokens a day for a hundred days until yesterday, shared out to the demo's doctors.
-- Everybody's mobile begins with 8, so that nobody of a measurement is among them; numbers begin at 101, as the demo's own
-- past has the first ones.

CREATE TEMPORARY VIEW past AS
SELECT n, 10000000 + n AS token, 10000001 + n * 7919 % 1000000 AS patient, day,
    CASE n % 20 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'expired' ELSE 'completed' END AS state,
    doctors[1 + n % cardinality(doctors)] AS doctor
FROM generate_series(0::bigint, 4999999) AS n,
    LATERAL (SELECT CURRENT_TIMESTAMP - (1 + n / 50000) * interval '1 day' AS day) AS days,
    (SELECT array_agg(id) AS doctors FROM clinic_doctor) AS everybody;

INSERT INTO registration_patient (id, created_at, patient_id, mobile, mobile_proved_at, name, gender, date_of_birth,
    only_age_known, category, service_number, relation, email, address, pincode, state, district, city, language,
    special_need, verification)
SELECT 10000000 + n, now() - interval '1 year', lpad(n::text, 12, '0'), '8' || lpad(n::text, 9, '0'), now(),
    'Mohan Lal Sharma', 'male', DATE '1940-01-01' + (n % 20000)::int, false, 'ex', 'N8' || n, '', '', '14 Shanti Vihar',
    '110010', 'Delhi', 'New Delhi', 'Delhi Cantt', 'hi', '', 'pending'
FROM generate_series(1::bigint, 1000000) AS n;

INSERT INTO registration_consent (created_at, patient_id, version, language, agreed_at)
SELECT now(), 10000000 + n, '1', 'hi', now() FROM generate_series(1::bigint, 1000000) AS n;

INSERT INTO django_session (session_key, session_data, expire_date)
SELECT md5(n::text), repeat('x', 120), now() + interval '10 hours' FROM generate_series(1::bigint, 500000) AS n;

INSERT INTO tokens_token (id, created_at, patient_id, opd_id, day, number, secret, code, state, complaint, duration,
    red_flags, referral_note, credit, turn_key, joined_at, consulting_at, moved_at, expires_at)
SELECT token, day, patient, 1, day::date, n % 50000 + 101, '8317', 'G' || n % 50000 + 101 || '-8317', state,
    'Fever and cough', '3 days', '[]', '', 10, day, day, day, day + interval '10 minutes', day + interval '8 hours'
FROM past;

INSERT INTO tokens_tokencounter (opd_id, day, last)
SELECT opd_id, day, max(number) FROM tokens_token WHERE id >= 10000000 GROUP BY opd_id, day
ON CONFLICT (opd_id, day) DO UPDATE SET last = excluded.last;

INSERT INTO tokens_tokenmove (token_id, at, frm, "to", why, by)
SELECT token, day, f.frm, f.to, f.why, 'patient'
FROM past, (VALUES ('', 'issued', 'issued'), ('consulting', 'completed', 'prescribed')) AS f (frm, "to", why);

INSERT INTO waiting_call (created_at, token_id, doctor_id, state, made_at, deadline, pressed_at, ended_at)
SELECT day, token, doctor, 'answered', day, day, day, day FROM past;

INSERT INTO consultation_consultation (id, created_at, ref, started_at, call_ended_at, completed_at, ended_at, outcome,
    put_back_reason, doctor_id, token_id, doctor_seen_at)
SELECT token, day, substr(md5(n::text), 1, 22), day, day, day, day, 'completed', '', doctor, token, day
FROM past WHERE state = 'completed';

INSERT INTO prescription_prescription (id, created_at, ref, number, consultation_id, patient_id, issued_at, status,
    revoked_because, people, file, size, sha256, mode, complaint, findings, diagnoses, investigations, advice, red_flags,
    outcome, outcome_reason, clinical, overruled)
SELECT token, day, substr(md5('rx' || n), 1, 22), 'RX-' || n, token, patient, day, 'issued', '',
    '{"doctor": {"name": "Maj Kavita Iyer"}, "patient": {"name": "Mohan Lal Sharma"}}',
    'prescriptions/' || md5(n::text) || '.pdf', 78539, md5('file' || n), 'video', 'Fever and cough, 3 days', 'Throat red',
    '[{"code": "J02.9", "name": "Acute pharyngitis, unspecified", "hindi": ""}]', '', 'Plenty of water', '', 'treated', '',
    '{"allergies": null, "in_use": []}', '{}'
FROM past WHERE state = 'completed';

INSERT INTO prescription_prescriptionline (prescription_id, position, code, generic, form, strength, route, dose,
    frequency, food, days, quantity, unit, instructions, taper)
SELECT token, position, 'paracetamol-tablet-500-mg', 'Paracetamol', 'tablet', '500 mg', 'oral', '1 tablet', '1-1-1', 'after',
    3, 9, 'tablet', '', '[]'
FROM past, (VALUES (1), (2)) AS lines (position) WHERE state = 'completed';

INSERT INTO notices_notice (created_at, kind, channel, "to", language, subject, text, template_id, state, tries,
    next_try_at, no_use_after, sent_at, error)
SELECT day, 'token_issued', 'sms', '8' || lpad((n * 7919 % 1000000)::text, 9, '0'), 'hi', 'Your Patient ID and token',
    repeat('x', 200), '', 'sent', 1, day, day, day, ''
FROM past;

INSERT INTO audit_entry (at, actor, action, subject, details)
SELECT day, 'registration.patient:' || patient, 'token.issue', 'tokens.token:' || token, '{"opd": "G", "number": 42}'
FROM past;
INSERT INTO audit_seal (at, first, last, rows, digest) SELECT now(), 0, max(id), max(id), '0' FROM audit_entry;
