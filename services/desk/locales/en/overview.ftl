# Overview
figure-total = All cases
figure-live = Live
figure-overdue = Overdue
figure-closed = Closed
overview-by-stage = By stage
overview-by-source = By source
overview-by-division = By division
overview-by-lead = By lead
overview-by-outcome = By outcome (without those carried over)
overview-cases = Cases
