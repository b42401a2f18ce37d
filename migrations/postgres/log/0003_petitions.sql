-- Whoever looked at petitioners, and what was done with their keys, is found without reading the whole log.
CREATE INDEX events_of_looks ON events (position) WHERE type IN ('petition_opened', 'set_aside_opened');

CREATE INDEX events_of_custody ON events (position)
    WHERE type IN ('petition_held', 'petition_released', 'shredding_proposed', 'shredding_declined',
        'shredding_approved', 'petition_shredded');
