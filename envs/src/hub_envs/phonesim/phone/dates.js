"use strict";
// Dates as texts, `2023-10-15` and `2023-10`, and how people read them. Weeks begin on Monday.

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

function utc(date) {
  const [year, month, day] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, day));
}

// For sorting dates and moments: the latest first.
function descending(a, b) {
  return Number(a < b) - Number(a > b);
}

function addDays(date, days) {
  const result = utc(date);
  result.setUTCDate(result.getUTCDate() + days);
  return result.toISOString().slice(0, 10);
}

function addMonths(month, months) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

function daysInMonth(month) {
  return utc(addDays(`${addMonths(month, 1)}-01`, -1)).getUTCDate();
}

// 0 on Mondays.
function weekday(date) {
  return (utc(date).getUTCDay() + 6) % 7;
}

function monthName(month) {
  const [year, number] = month.split("-").map(Number);
  return `${MONTHS[number - 1]} ${year}`;
}

function longDate(date) {
  const [year, month, day] = date.split("-").map(Number);
  return `${DAYS[weekday(date)]} ${day} ${MONTHS[month - 1]} ${year}`;
}

function shortDate(date) {
  const [, month, day] = date.split("-").map(Number);
  return `${day} ${MONTHS[month - 1].slice(0, 3)}`;
}

function clockTime(moment) {
  return moment.slice(11, 16);
}

// The time of day for today, else the day.
function shortMoment(moment) {
  return moment.slice(0, 10) === shell.now.slice(0, 10) ? clockTime(moment) : shortDate(moment.slice(0, 10));
}

function minutes(time) {
  return 60 * Number(time.slice(0, 2)) + Number(time.slice(3));
}

function minutesBetween(start, end) {
  return minutes(end) - minutes(start);
}

// So many minutes after a time of day, but still on the same day.
function later(time, by) {
  const sum = Math.min(minutes(time) + by, 24 * 60 - 1);
  return [Math.floor(sum / 60), sum % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
